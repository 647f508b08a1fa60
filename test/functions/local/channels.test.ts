// Channels of the program: real ones with --live, simulated ones without it.
import { afterEach, beforeEach, expect, test } from "vitest";
import { withoutSecrets } from "../../../functions/local/secrets.ts";
import { compileConfig } from "../../../shared/config/compile.ts";
import { UsageError } from "../../../shared/usage-error.ts";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { tagrelay } from "../../stand-ins/command-line.ts";
import { type DockerHub, startDockerHub } from "../../stand-ins/docker-hub.ts";
import { type InProcess, startInProcess } from "../../stand-ins/in-process.ts";
import { startMailServer } from "../../stand-ins/mail-server.ts";
import { apiToken, type Folder, makeFolder, until } from "../../stand-ins/program.ts";

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
    "expected these secrets in the environment, in .env or in files (NAME_FILE), found none of them:\n  OPS_URL, for channel ops\n",
  );
});

test("--live with a channel of kind sns is refused, because it needs AWS", async () => {
  const starting = startInProcess([...config({ channels: { mail: { sns: {} } } }), ...live()]);
  await expect(starting).rejects.toThrow(
    new UsageError(
      "expected channels that work without AWS, such as smtp, slack or webhook, found sns: mail; SNS topics need a stack, see `npx cdk deploy`",
    ),
  );
});

test("--live with a channel of kind eventbridge is refused without credentials for AWS", async () => {
  const starting = startInProcess(
    [...config({ channels: { bus: { eventbridge: { bus: "ops" } } } }), ...live()],
    { ACME_P_TRIGGER: "x" },
  );
  await expect(starting).rejects.toThrow(
    "in the environment for the eventbridge channels bus, found no credentials",
  );
});

test("tagrelay notify test sends a test notice through the program, and says what came of it", async () => {
  const server = await startMailServer();
  const mail = { host: "localhost", port: server.port, security: "none", from: "a@example.org" };
  const channels = {
    mail: { smtp: { ...mail, to: "ops@example.org" } },
    wrong: { smtp: { ...mail, to: "ops@refused.example" } },
  };
  program = await startInProcess([...config({ channels }), ...live()], { ACME_P_TRIGGER: "x" });
  const { origin } = program;
  const notify = (...args: string[]) =>
    tagrelay(["notify", "test", ...args, "--url", origin], { env: { TAGRELAY_API_TOKEN: apiToken } });
  expect(await notify("mail")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mail: delivered/) });
  expect(server.received).toMatchObject([{ mail: { subject: "Tagrelay: Test of the channel mail" } }]);
  expect(await notify("wrong")).toMatchObject({
    code: 1,
    stdout: `wrong: NOT delivered: the mail server localhost:${server.port} answered 550 relaying denied\n`,
  });
  expect(JSON.parse((await notify("mail", "--json")).stdout)).toEqual({
    channel: "mail",
    outcome: "delivered",
  });
  expect(await notify("mial")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('no channel has this name; did you mean "mail"?'),
  });
  await server.close();
});

test("without --live, a test notice is only logged, and the command says so", async () => {
  program = await startInProcess(config({ channels: { own: { webhook: { url: `${ops.origin}/own` } } } }));
  const args = ["notify", "test", "own", "--url", program.origin];
  const { code, stdout } = await tagrelay(args, { env: { TAGRELAY_API_TOKEN: apiToken } });
  expect([code, stdout]).toEqual([0, "own: only logged, because the program runs without --live\n"]);
  expect(ops.asked).toEqual([]);
});

test("commands do not get the secrets of channels", () => {
  const channels = {
    ops: { slack: { secret: "OPS_URL" } },
    own: { webhook: { url: "https://a.example", secret: "OWN" } },
  };
  const env = {
    PATH: "/bin",
    OPS_URL: "https://hooks.slack.com/services/x",
    OWN: "y",
    ACME_P_TRIGGER: "z",
    OPS_URL_FILE: "/a",
    TAGRELAY_API_TOKEN_FILE: "/b",
    CREDENTIALS_DIRECTORY: "/c",
  };
  expect(withoutSecrets(env, compileConfig({ pipelines, channels }))).toEqual({ PATH: "/bin" });
});
