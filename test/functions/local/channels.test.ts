// Channels of the program: real ones with --live, simulated ones without it.
import { afterEach, beforeEach, expect, test } from "vitest";
import { withoutSecrets } from "../../../functions/local/secrets.ts";
import { compileConfig } from "../../../shared/config/compile.ts";
import { UsageError } from "../../../shared/usage-error.ts";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { type DockerHub, startDockerHub } from "../../stand-ins/docker-hub.ts";
import { type InProcess, startInProcess } from "../../stand-ins/in-process.ts";
import { type Folder, makeFolder, until } from "../../stand-ins/program.ts";

const pipelines = { p: { retries: 0, sequence: ["acme/p:1"] } };
const all = ["failed", "stalled", "recovered", "succeeded"];

let folder: Folder;
let hub: DockerHub;
let ops: AnyServer;
let program: InProcess | null = null;
beforeEach(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  ops = await startAnyServer();
});
afterEach(async () => {
  await program?.stop();
  program = null;
  await hub.close();
  await ops.close();
  folder.remove();
});

function config(document: Record<string, unknown>): string[] {
  return ["--data", folder.data, "--config", folder.config(pipelines, document)];
}
const live = () => ["--live", "--hub-url", hub.origin];

test("with --live, channels get a notice of a failed run, and no output contains a channel's secret URL", async () => {
  const channels = { ops: { slack: { secret: "OPS_URL" } }, own: { webhook: { url: `${ops.origin}/own` } } };
  ops.answer = answering(200, "ok");
  hub.answerNext({ status: 404 });
  program = await startInProcess([...config({ channels, url: "https://t.example.org" }), ...live()], {
    ACME_P_TRIGGER: "trigger-token",
    OPS_URL: `${ops.origin}/services/ops-token`,
  });
  const { body: run } = await program.api("POST", "/pipelines/p/runs");
  await until(() => ops.asked.length === 2, "both channels have a notice");
  expect(ops.asked.map(({ path }) => path).sort()).toEqual(["/own", "/services/ops-token"]);
  const own = ops.asked.find(({ path }) => path === "/own");
  expect(JSON.parse(own?.body ?? "")).toMatchObject({
    event: "failed",
    pipeline: "p",
    url: `https://t.example.org/runs/${run.id}`,
  });
  expect(program.stderr() + program.stdout()).not.toContain("ops-token");
});

test("without --live, notices of every kind of channel only go to the log", async () => {
  const channels = {
    ops: { slack: { secret: "OPS_URL" }, on: all },
    mail: { sns: {}, on: all },
    own: { webhook: { url: `${ops.origin}/own` }, on: all },
  };
  program = await startInProcess(config({ channels }), { OPS_URL: `${ops.origin}/services/ops-token` });
  await program.api("POST", "/pipelines/p/runs");
  const notices = () =>
    (program?.stderr() ?? "").split("\n").filter((line) => line.includes('"notice.simulated"'));
  await until(() => notices().length === 3, "the log has the notices", 20_000);
  expect(notices().map((line) => JSON.parse(line))).toMatchObject([
    { channel: "ops", kind: "slack", pipeline: "p", text: "p succeeded" },
    { channel: "mail", kind: "sns" },
    { channel: "own", kind: "webhook" },
  ]);
  expect(ops.asked).toEqual([]);
});

test("--live without the secret of a channel is refused with the names of both", async () => {
  const channels = { ops: { slack: { secret: "OPS_URL" } } };
  const starting = startInProcess([...config({ channels }), ...live()], { ACME_P_TRIGGER: "x" });
  await expect(starting).rejects.toThrow(UsageError);
  await expect(starting).rejects.toThrow(
    "expected these secrets in the environment or in .env, found none of them:\n  OPS_URL, for channel ops\n",
  );
});

test("--live with a channel of kind sns is refused, because it needs AWS", async () => {
  const starting = startInProcess([...config({ channels: { mail: { sns: {} } } }), ...live()]);
  await expect(starting).rejects.toThrow(
    new UsageError(
      "expected channels that work without AWS, such as slack, discord, teams or webhook, found sns: mail; SNS topics need a stack, see `npx cdk deploy`",
    ),
  );
});

test("commands do not get the secrets of channels", () => {
  const channels = {
    ops: { slack: { secret: "OPS_URL" } },
    own: { webhook: { url: "https://a.example", secret: "OWN" } },
  };
  const env = { PATH: "/bin", OPS_URL: "https://hooks.slack.com/services/x", OWN: "y", ACME_P_TRIGGER: "z" };
  expect(withoutSecrets(env, compileConfig({ pipelines, channels }))).toEqual({ PATH: "/bin" });
});
