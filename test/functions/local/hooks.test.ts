// Upstream images and pushes to a source start runs of the program.
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFixture, sign } from "../../stand-ins/github-webhook.ts";
import { type InProcess, startInProcess } from "../../stand-ins/in-process.ts";
import { type Folder, makeFolder, until, webhookSecret } from "../../stand-ins/program.ts";
import { digestOf, type Registry, startRegistry } from "../../stand-ins/registry.ts";

let folder: Folder;
let registry: Registry;
let program: InProcess | null = null;
beforeEach(async () => {
  folder = makeFolder();
  registry = await startRegistry();
});
afterEach(async () => {
  await program?.stop();
  await registry.close();
  folder.remove();
});

async function start(pipelines: Record<string, unknown>, ...args: string[]): Promise<InProcess> {
  program = await startInProcess(["--config", folder.config(pipelines), "--data", folder.data, ...args]);
  return program;
}
const family = { image: "acme/family", upstream: "debian:bookworm", sequence: ["a"] };
const runsOf = async ({ api }: InProcess) => (await api("GET", "/pipelines/family/runs")).body.runs;
const isChecked = ({ stderr }: InProcess) => stderr().includes('"upstreams.lookedUp"');

test("the simulated registry answers for upstream images, and no real one gets a request", async () => {
  const started = await start({ family });
  await until(() => isChecked(started), "the upstream image is checked");
  expect(started.stderr()).not.toContain('"upstream.notSeen"');
  expect(await runsOf(started)).toEqual([]);
});

test("an upstream image that changed while the program was down starts a run after the restart", async () => {
  registry.digests.set("library/debian:bookworm", digestOf("a"));
  const first = await start({ family }, "--registry-url", registry.origin);
  await until(() => isChecked(first), "the upstream image is checked");
  expect(await runsOf(first)).toEqual([]);
  await first.stop();

  registry.digests.set("library/debian:bookworm", digestOf("b"));
  const second = await start({ family }, "--registry-url", registry.origin);
  await until(async () => (await runsOf(second)).length > 0, "a run starts");
  expect(await runsOf(second)).toMatchObject([{ cause: "upstream", from: ["a"] }]);
});

test("a GitHub push webhook starts a run if it is signed with the secret of the Docker Hub webhook", async () => {
  const started = await start({ family: { ...family, source: { github: "acme/images" } } });
  const body = JSON.stringify(readFixture("webhooks-github/push.json"));
  const push = (secret: string) =>
    fetch(`${started.origin}/hooks/github`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-hub-signature-256": sign(body, secret),
      },
      body,
    });
  expect((await push("another")).status).toBe(401);
  expect((await push(webhookSecret)).status).toBe(200);
  expect(await runsOf(started)).toMatchObject([{ cause: "source" }]);
});
