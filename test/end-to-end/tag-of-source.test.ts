// A git tag v1.2.3 builds three images of that version, in order: the real program, signed webhooks, and a stand-in for Docker
// Hub that builds what its build rule for tags would.
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { pushWebhook } from "../stand-ins/docker-hub.ts";
import { sign } from "../stand-ins/github-webhook.ts";
import {
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
  webhookSecret,
} from "../stand-ins/program.ts";

const secret = (name: string) => ({ dockerhub: { secret: name, tag: "v{version}" } });
const family = {
  confirm: "hub",
  source: { github: "acme/images", tags: "v*" },
  parameters: { version: null },
  steps: {
    base: { image: "acme/base:{version}", trigger: secret("BASE") },
    api: { image: "acme/api:{version}", after: "base", trigger: secret("API") },
    web: { image: "acme/web:{version}-slim", after: ["base", "api"], trigger: secret("WEB") },
  },
};
const triggerOf = (name: string) => `https://hub.docker.com/api/build/v1/source/${name}/trigger/t/call/`;
const env = { BASE: triggerOf("base"), API: triggerOf("api"), WEB: triggerOf("web") };

let program: Program | null = null;
let folder: Folder | null = null;
let close = () => {};
afterEach(async () => {
  await program?.kill("SIGKILL");
  folder?.remove();
  close();
});

/** Not while the program is down. */
async function isDelivered(webhook: string): Promise<boolean> {
  const sent = await program?.hook(webhook).catch(() => null);
  return sent?.status === 200;
}

/** Each repository has one build rule: /^v(.*)$/ to {\1}, or {\1}-slim. */
async function startHub(events: string[]): Promise<string> {
  const pushed = new Map<string, string>();
  const build = async (repository: string, tag: string) => {
    await sleep(150);
    pushed.set(`${repository}:${tag}`, new Date().toISOString());
    events.push(`${repository}:${tag} pushed`);
    await until(() => isDelivered(pushWebhook(repository, tag)), "the webhook arrives", 60_000);
  };
  const server = createServer(async (request, response) => {
    const [, asked, askedTag] =
      /^\/v2\/namespaces\/acme\/repositories\/(\w+)\/tags\/(.+)$/.exec(request.url ?? "") ?? [];
    if (asked !== undefined) {
      const at = pushed.get(`acme/${asked}:${askedTag}`);
      response.writeHead(at === undefined ? 404 : 200, { "content-type": "application/json" });
      return void response.end(JSON.stringify({ tag_last_pushed: at }));
    }
    const [, name] = /^\/api\/build\/v1\/source\/(\w+)\/trigger\/t\/call\/$/.exec(request.url ?? "") ?? [];
    if (request.method !== "POST" || name === undefined) return void response.writeHead(404).end();
    const { source_type, source_name } = JSON.parse(await text(request));
    const version = /^v(.+)$/.exec(source_type === "Tag" ? source_name : "")?.[1];
    if (version === undefined) return void response.writeHead(400).end();
    const tag = name === "web" ? `${version}-slim` : version;
    events.push(`acme/${name}:${tag} triggered`);
    response.writeHead(202).end("{}");
    void build(`acme/${name}`, tag);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

let args: string[] = [];
async function start(events: string[]): Promise<Program> {
  const hub = await startHub(events);
  folder = makeFolder();
  args = ["--data", folder.data, "--config", folder.config({ family }), "--hub-url", hub];
  program = await startProgram(args, env);
  return program;
}

async function pushGitTag({ origin }: Program, tag: string, commit: string) {
  const body = JSON.stringify({
    ref: `refs/tags/${tag}`,
    before: "0".repeat(40),
    after: commit,
    created: true,
    deleted: false,
    forced: false,
    base_ref: null,
    commits: [],
    repository: { full_name: "acme/images" },
  });
  const response = await fetch(`${origin}/hooks/github`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-hub-signature-256": sign(body, webhookSecret),
    },
    body,
  });
  return response.json();
}

const runsOf = async ({ api }: Program) => (await api("GET", "/pipelines/family/runs")).body.runs;
const eventsOf = (version: string) =>
  [`base:${version}`, `api:${version}`, `web:${version}-slim`].flatMap((image) => [
    `acme/${image} triggered`,
    `acme/${image} pushed`,
  ]);

test("a pushed git tag builds its version of each image in order, and the next tag waits for that", async () => {
  const events: string[] = [];
  const running = await start(events);
  const [first, second] = ["1".repeat(40), "2".repeat(40)];
  expect(await pushGitTag(running, "v1.2.3", first)).toMatchObject({ outcome: "advanced" });
  expect(await pushGitTag(running, "v1.2.3", first)).toMatchObject({ outcome: "duplicate" });
  expect(await pushGitTag(running, "nightly", first)).toMatchObject({
    outcome: "ignored",
    reason: "pushes of this tag start nothing",
  });
  expect((await running.hook(pushWebhook("acme/base", "1.2.2"))).body).toMatchObject({
    outcome: "ignored",
    reason: expect.stringContaining('the image of step "base" is acme/base:1.2.3, not acme/base:1.2.2'),
  });
  // Both are built, although they come while the first is under way.
  await pushGitTag(running, "v1.3.0", second);
  await pushGitTag(running, "v1.3.1", second);
  await until(
    async () => {
      const runs: { status: string }[] = await runsOf(running);
      return runs.length === 3 && runs.every(({ status }) => status === "succeeded");
    },
    "three runs succeed",
    60_000,
  );
  expect(events).toEqual(["1.2.3", "1.3.0", "1.3.1"].flatMap(eventsOf));
  expect((await runsOf(running)).at(-1)).toMatchObject({
    cause: "source",
    because: "tag v1.2.3 of acme/images was pushed",
    parameters: { version: "1.2.3" },
    steps: [{ image: "acme/base:1.2.3" }, { image: "acme/api:1.2.3" }, { image: "acme/web:1.2.3-slim" }],
  });
}, 90_000);

test("a run has to be given its version, and survives a kill of the program with it", async () => {
  const events: string[] = [];
  const running = await start(events);
  const post = (body?: unknown) => running.api("POST", "/pipelines/family/runs", body);
  expect(await post()).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('expected a value for parameter "version"') },
  });
  expect(await post({ parameters: { version: "1", verison: "2" } })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('found "verison"; did you mean "version"?') },
  });
  expect(await post({ parameters: { version: "2.0" }, from: "api" })).toMatchObject({ status: 201 });
  await running.kill("SIGKILL");
  program = await startProgram(args, env);
  const again = program;
  await until(async () => (await runsOf(again))[0]?.status !== "running", "the run ends", 60_000);
  expect(await runsOf(again)).toMatchObject([
    {
      status: "succeeded",
      steps: [{ state: "skipped" }, { image: "acme/api:2.0" }, { image: "acme/web:2.0-slim" }],
    },
  ]);
}, 150_000);
