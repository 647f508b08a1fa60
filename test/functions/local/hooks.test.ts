// What starts runs beside schedules, on the program as its users have it.
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFixture, sign } from "../../stand-ins/github-webhook.ts";
import {
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
  webhookSecret,
} from "../../stand-ins/program.ts";
import { digestOf, type Registry, startRegistry } from "../../stand-ins/registry.ts";

let folder: Folder;
let registry: Registry;
const programs: Program[] = [];
beforeEach(async () => {
  folder = makeFolder();
  registry = await startRegistry();
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.kill("SIGKILL")));
  await registry.close();
  folder.remove();
});

async function start(pipelines: Record<string, unknown>, ...args: string[]): Promise<Program> {
  const program = await startProgram(["--config", folder.config(pipelines), "--data", folder.data, ...args]);
  programs.push(program);
  return program;
}
const family = { image: "acme/family", upstream: "debian:bookworm", sequence: ["a"] };
const runs = async (program: Program) => (await program.api("GET", "/pipelines/family/runs")).body.runs;

test("the simulated registry answers for upstreams, and nothing real is asked", async () => {
  const program = await start({ family });
  await until(() => program.stderr().includes('"upstreams.lookedUp"'), "the upstream is looked at");
  expect(program.stderr()).not.toContain('"upstream.notSeen"');
  expect(await runs(program)).toEqual([]);
});

test("an upstream that has changed while the program was down starts a run when it is back", async () => {
  registry.digests.set("library/debian:bookworm", digestOf("a"));
  const first = await start({ family }, "--registry-url", registry.origin);
  await until(() => first.stderr().includes('"upstreams.lookedUp"'), "the upstream is looked at");
  expect(await runs(first)).toEqual([]);
  await first.kill("SIGKILL");

  registry.digests.set("library/debian:bookworm", digestOf("b"));
  const second = await start({ family }, "--registry-url", registry.origin);
  await until(async () => (await runs(second)).length > 0, "a run starts");
  expect(await runs(second)).toMatchObject([{ cause: "upstream", from: ["a"] }]);
});

test("a push that GitHub tells of starts a run, by the secret of Docker Hub's webhook", async () => {
  const program = await start({ family: { ...family, source: { github: "acme/images" } } });
  const body = JSON.stringify(readFixture("webhooks-github/push.json"));
  const tell = (secret: string) =>
    fetch(`${program.origin}/hooks/github`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-hub-signature-256": sign(body, secret),
      },
      body,
    });
  expect((await tell("another")).status).toBe(401);
  expect((await tell(webhookSecret)).status).toBe(200);
  expect(await runs(program)).toMatchObject([{ cause: "source" }]);
});
