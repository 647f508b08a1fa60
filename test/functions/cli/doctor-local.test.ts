// `tagrelay doctor --local`, against the real program.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tagrelay } from "../../stand-ins/command-line.ts";
import { type InProcess, startInProcess } from "../../stand-ins/in-process.ts";
import { apiToken, type Folder, makeFolder, webhookSecret } from "../../stand-ins/program.ts";

const pipelines = {
  chain: { image: "acme/chain", source: { github: "acme/images" }, sequence: ["a", "b"] },
  atGitlab: { image: "acme/one", source: { gitlab: "acme/images" }, sequence: ["a"] },
  atBitbucket: { image: "acme/two", source: { bitbucket: "acme/images" }, sequence: ["a"] },
};
const env = { TAGRELAY_API_TOKEN: apiToken, TAGRELAY_WEBHOOK_SECRET: webhookSecret };

let folder: Folder;
let config = "";
let program: InProcess;
beforeEach(async () => {
  folder = makeFolder();
  config = folder.config(pipelines);
  program = await startInProcess(["--data", folder.data, "--config", config]);
});
afterEach(async () => {
  await program.stop();
  folder.remove();
});

async function doctor(secrets: Record<string, string> = env, url = program.origin) {
  const args = ["doctor", "--local", "--url", url, "--config", config, "--data", folder.data];
  const { code, stdout } = await tagrelay(args, { env: secrets });
  return { code, bad: stdout.split("\n").filter((line) => line.startsWith("NOT OK")), stdout };
}

test("a program that is well is reported as well, by each check", async () => {
  const { code, bad, stdout } = await doctor();
  expect([code, bad]).toEqual([0, []]);
  for (const text of [
    "the program answers",
    "the API accepts the right token",
    "the webhook accepts the right secret",
    "the webhook for pushes to GitHub accepts the right secret",
    "the webhook for pushes to GitLab accepts the right secret",
    "the webhook for pushes to Bitbucket accepts the right secret",
    "the program runs the pipelines of this configuration",
    "the sweep is on time",
    `the data folder ${folder.data} is yours alone`,
  ]) {
    expect(stdout).toContain(
      `ok  ${
        stdout
          .split("\n")
          .find((line) => line.includes(text))
          ?.slice(4) ?? text
      }`,
    );
    expect(stdout).toContain(`ok  ${text}\n`);
  }
});

test("a wrong token and webhook secret are told, and not shown", async () => {
  const wrong = {
    TAGRELAY_API_TOKEN: "wrong-token-ends-so",
    TAGRELAY_WEBHOOK_SECRET: "wrong-secret-ends-so",
  };
  const { code, bad, stdout } = await doctor(wrong);
  expect(code).toBe(1);
  expect(bad).toEqual([
    "NOT OK  expected that the webhook accepts the right secret (200), found 404; see its log",
    ...["GitHub", "GitLab", "Bitbucket"].map(
      (host) =>
        `NOT OK  expected that the webhook for pushes to ${host} accepts the right secret (200), found 401; see its log`,
    ),
    "NOT OK  expected that the API accepts the right token (200), found 401; see its log",
  ]);
  expect(stdout).not.toContain("ends-so");
});

test("another configuration than the program's is told", async () => {
  config = folder.config({ ...pipelines, other: { sequence: ["acme/other:1"] } });
  expect((await doctor()).bad).toEqual([
    "NOT OK  expected the program to run the pipelines of this configuration (atBitbucket, atGitlab, chain, other), found atBitbucket, atGitlab, chain; restart it, or name its configuration by --config",
  ]);
});

test("a data folder that others can read is told", async () => {
  chmodSync(folder.data, 0o755);
  expect((await doctor()).bad).toEqual([
    `NOT OK  others can read the data folder ${folder.data}, which may hold secrets; run: chmod 700 ${folder.data}`,
  ]);
});

test("if no program answers, the secrets that it would need are checked", async () => {
  const { code, bad } = await doctor(env, "http://127.0.0.1:1");
  expect(code).toBe(1);
  expect(bad.at(0)).toMatch(/the program answers \(200\), found no answer/);
  expect(bad.at(-1)).toMatch(
    /^NOT OK {2}the secret ACME_TWO_TRIGGER, for step "a" of pipeline atBitbucket, is not in/,
  );
});

test("the secrets that the program generated are found in the folder of --data", async () => {
  const own = makeFolder();
  const generated = await startInProcess(["--data", own.data, "--config", config], {
    TAGRELAY_WEBHOOK_SECRET: "",
    TAGRELAY_API_TOKEN: "",
  });
  const run = (data: string) =>
    tagrelay(["doctor", "--local", "--url", generated.origin, "--config", config, "--data", data], {
      env: { TAGRELAY_DATA: folder.data },
    });
  const { code, stdout } = await run(own.data);
  expect([code, stdout]).toEqual([0, expect.stringContaining("ok  the API accepts the right token\n")]);
  const { code: missing, stderr } = await run(join(own.path, "other"));
  expect([missing, stderr]).toEqual([
    2,
    expect.stringContaining(`whose token would be in ${join(own.path, "other", "secrets.json")}`),
  ]);
  await generated.stop();
  own.remove();
});

test("without a configuration, a program that runs the sample is checked as that", async () => {
  const empty = makeFolder();
  const run = (args: string[]) => tagrelay(args, { env, cwd: empty.path });
  const { stdout } = await run(["doctor", "--local", "--url", program.origin, "--data", folder.data]);
  expect(stdout).toContain("to run the pipelines of this configuration (family, void-docker)");
  expect((await run(["doctor", "--local", "--config", "other.yaml"])).stderr).toContain("found no such file");
  empty.remove();
});
