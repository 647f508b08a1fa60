// Channels as a user of the program has them: real with --live, told to the log without it.
import { afterEach, beforeEach, expect, test } from "vitest";
import { withoutSecrets } from "../../../functions/local/environment.ts";
import { compileConfig } from "../../../shared/core/compile.ts";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { type DockerHub, startDockerHub } from "../../stand-ins/docker-hub.ts";
import {
  type Folder,
  makeFolder,
  type Program,
  spawnProgram,
  startProgram,
  until,
} from "../../stand-ins/program.ts";

const pipelines = { p: { retries: 0, sequence: ["acme/p:1"] } };
const all = ["failed", "stalled", "recovered", "succeeded"];

let folder: Folder;
let hub: DockerHub;
let ops: AnyServer;
let program: Program | null = null;
beforeEach(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  ops = await startAnyServer();
});
afterEach(async () => {
  await program?.kill("SIGKILL");
  program = null;
  await hub.close();
  await ops.close();
  folder.remove();
});

function config(document: Record<string, unknown>): string[] {
  return ["--data", folder.data, "--config", folder.config(pipelines, document)];
}
const live = () => ["--live", "--hub-url", hub.origin];
async function startInVain(args: readonly string[], env: Record<string, string> = {}) {
  const started = spawnProgram(args, env);
  return { code: await started.ended, stderr: started.stderr() };
}

test("with --live a run that fails is told, with the webhook that a secret holds, which no line has", async () => {
  const channels = { ops: { slack: { secret: "OPS_URL" } }, own: { webhook: { url: `${ops.origin}/own` } } };
  ops.answer = answering(200, "ok");
  hub.answerNext({ status: 404 });
  program = await startProgram([...config({ channels, url: "https://t.example.org" }), ...live()], {
    ACME_P_TRIGGER: "trigger-token",
    OPS_URL: `${ops.origin}/services/ops-token`,
  });
  const { body: run } = await program.api("POST", "/pipelines/p/runs");
  await until(() => ops.asked.length === 2, "both are told");
  expect(ops.asked.map(({ path }) => path).sort()).toEqual(["/own", "/services/ops-token"]);
  const own = ops.asked.find(({ path }) => path === "/own");
  expect(JSON.parse(own?.body ?? "")).toMatchObject({
    event: "failed",
    pipeline: "p",
    url: `https://t.example.org/runs/${run.id}`,
  });
  expect(program.stderr() + program.stdout()).not.toContain("ops-token");
});

test("without --live nobody is told: the log says who would have been, and what, by any kind of channel", async () => {
  const channels = {
    ops: { slack: { secret: "OPS_URL" }, on: all },
    mail: { sns: {}, on: all },
    own: { webhook: { url: `${ops.origin}/own` }, on: all },
  };
  program = await startProgram(config({ channels }), { OPS_URL: `${ops.origin}/services/ops-token` });
  await program.api("POST", "/pipelines/p/runs");
  const told = () =>
    (program?.stderr() ?? "").split("\n").filter((line) => line.includes('"notice.simulated"'));
  await until(() => told().length === 3, "the log says so", 20_000);
  expect(told().map((line) => JSON.parse(line))).toMatchObject([
    { channel: "ops", kind: "slack", pipeline: "p", text: "p has succeeded" },
    { channel: "mail", kind: "sns" },
    { channel: "own", kind: "webhook" },
  ]);
  expect(ops.asked).toEqual([]);
});

test("--live without a channel's secret is refused with its name", async () => {
  const channels = { ops: { slack: { secret: "OPS_URL" } } };
  const { code, stderr } = await startInVain([...config({ channels }), ...live()], { ACME_P_TRIGGER: "x" });
  expect(code).toBe(2);
  expect(stderr).toContain(
    "expected these secrets in the environment or in .env, found nothing:\n  OPS_URL, for channel ops\n",
  );
});

test("--live with a topic of AWS is refused, and says where those are for", async () => {
  const { code, stderr } = await startInVain([...config({ channels: { mail: { sns: {} } } }), ...live()]);
  expect(code).toBe(2);
  expect(stderr).toBe(
    "tagrelay: expected channels that need no AWS, such as slack, discord, teams or webhook, found sns: mail; topics are for what `npx cdk deploy` deploys\n",
  );
});

test("commands are not given the secrets of channels", () => {
  const channels = {
    ops: { slack: { secret: "OPS_URL" } },
    own: { webhook: { url: "https://a.example", secret: "OWN" } },
  };
  const env = { PATH: "/bin", OPS_URL: "https://hooks.slack.com/services/x", OWN: "y", ACME_P_TRIGGER: "z" };
  expect(withoutSecrets(env, compileConfig({ pipelines, channels }))).toEqual({ PATH: "/bin" });
});
