import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { usage } from "../../../functions/start-options.ts";
import { type DockerHub, pushWebhook, startDockerHub } from "../../stand-ins/docker-hub.ts";
import { startDynamodb } from "../../stand-ins/dynamodb.ts";
import { type InProcess, startInProcess } from "../../stand-ins/in-process.ts";
import { type Folder, makeFolder, spawnProgram, startProgram, until } from "../../stand-ins/program.ts";

const chain = { image: "acme/chain", sequence: ["a", "b"] };

let folder: Folder;
let hub: DockerHub;
const programs: InProcess[] = [];

beforeEach(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
  await hub.close();
  folder.remove();
});

async function start(args: readonly string[], env: Record<string, string> = {}): Promise<InProcess> {
  const program = await startInProcess(["--data", folder.data, ...args], env);
  programs.push(program);
  return program;
}

async function stop(program: InProcess): Promise<void> {
  programs.splice(programs.indexOf(program), 1);
  await program.stop();
}

/** The program as a process that ends by itself. */
async function runToEnd(args: readonly string[], cwd?: string) {
  const started = spawnProgram(["--data", folder.data, ...args], {}, cwd);
  const code = await started.ended;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

describe("the program ends with exit code 2 and says what to do", () => {
  test("if an option is unknown", async () => {
    expect(await runToEnd(["--prot", "1"])).toEqual({
      code: 2,
      stdout: "",
      stderr: 'tagrelay: unknown option --prot; did you mean "--port"?\n',
    });
  });

  test("if the configuration is wrong, with all its errors", async () => {
    const config = folder.config({
      one: { sequence: ["acme/a:1", "b"] },
      two: { steps: { base: { image: "acme/base:1" }, top: { image: "acme/top:1", after: "bse" } } },
    });
    const { code, stderr } = await runToEnd(["--config", config]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      [
        `tagrelay: ${config}:5: pipelines.one.sequence[1]: expected namespace/repo:tag, found the tag "b" alone; give the pipeline an "image", the repository of such tags`,
        `${config}:12: pipelines.two.steps.top.after: step "top" comes after unknown step "bse"; did you mean "base"?`,
        "",
      ].join("\n"),
    );
  });

  test("if other users can read .env", async () => {
    writeFileSync(join(folder.path, ".env"), "ACME_CHAIN_TRIGGER=token\n");
    chmodSync(join(folder.path, ".env"), 0o644);
    const { code, stderr } = await runToEnd(["--config", folder.config({ chain })], folder.path);
    expect([code, stderr]).toEqual([
      2,
      "tagrelay: expected .env to be readable by you alone, found mode 644; run: chmod 600 .env\n",
    ]);
  });
});

// `UsageError` and `ConfigError` are what the program ends with 2 for; see above.
describe("the program does not start", () => {
  const startFails = async (args: readonly string[], env: Record<string, string> = {}) => {
    const starting = startInProcess(["--data", folder.data, ...args], env);
    const error = await starting.catch((thrown: unknown) => thrown);
    if (!(error instanceof Error)) throw new Error("expected the program not to start");
    return [error.name, error.message];
  };

  test("if the port is not a number", async () => {
    expect(await startFails(["--port", "http"])).toEqual([
      "UsageError",
      'expected --port from 0 to 65535, found "http"',
    ]);
  });

  test("if a URL is not valid", async () => {
    expect(await startFails(["--hub-url", "localhost"])).toEqual([
      "UsageError",
      'expected --hub-url to be a URL such as http://127.0.0.1:9000, found "localhost"',
    ]);
  });

  test("if the port is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await until(() => server.listening, "the port is in use");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const failure = await startFails(["--port", String(port), "--config", folder.config({ chain })]);
    server.close();
    expect(failure).toEqual([
      "UsageError",
      `port ${port} is in use; choose another with --port, or --port 0 for a free one`,
    ]);
  });

  test("if the data folder is in use", async () => {
    const config = folder.config({ chain });
    await start(["--config", config]);
    expect(await startFails(["--config", config])).toEqual([
      "UsageError",
      `${folder.data} is in use by another tagrelay; stop it, or choose another folder with --data`,
    ]);
  });

  test("if the data folder is not a folder", async () => {
    const config = folder.config({ chain });
    writeFileSync(folder.data, "");
    expect(await startFails(["--config", config])).toEqual([
      "UsageError",
      `expected --data to be a writable folder, found ${folder.data} (EEXIST)`,
    ]);
  });

  test("if there is no DynamoDB at the endpoint", async () => {
    const config = folder.config({ chain });
    const [name, message] = await startFails([
      ...["--config", config, "--dynamodb-endpoint", "http://127.0.0.1:9"],
    ]);
    expect(name).toBe("UsageError");
    expect(message).toContain(
      "expected a DynamoDB at --dynamodb-endpoint http://127.0.0.1:9, found no answer from one (",
    );
  });

  test("if there is no configuration", async () => {
    expect(await startFails(["--config", "nowhere.yaml"])).toEqual([
      "ConfigError",
      "nowhere.yaml: expected a configuration, found no such file",
    ]);
  });

  test("with --live if the folder has no configuration, because nobody wants to build the sample", async () => {
    const { code, stderr } = await runToEnd(["--live"], folder.path);
    expect([code, stderr]).toEqual([
      2,
      "tagrelay: tagrelay.yaml: expected a configuration, found no such file\n",
    ]);
  });

  test.each([
    ["TAGRELAY_API_TOKEN", "an-api token", "a space or another character"],
    ["TAGRELAY_API_TOKEN", "an-api-tökén", "a space or another character"],
    ["TAGRELAY_WEBHOOK_SECRET", "a-webhook/secret", "other characters"],
  ])("if no request can have its %s: %j", async (name, value, found) => {
    const [kind, message] = await startFails(["--config", folder.config({ chain })], { [name]: value });
    expect(kind).toBe("UsageError");
    expect(message).toMatch(new RegExp(`^expected .*${name} to consist of .*; found ${found}; choose`));
    expect(message).not.toContain(value);
  });

  test("with --live if a secret is missing", async () => {
    const [name, message] = await startFails(["--live", "--config", folder.config({ chain })]);
    expect(name).toBe("UsageError");
    expect(message).toContain('  ACME_CHAIN_TRIGGER, for step "a" of pipeline chain\n');
  });
});

test("--help prints the options and exits", async () => {
  const { code, stdout } = await runToEnd(["--help"]);
  expect([code, stdout]).toEqual([0, `${usage("npm start --")}\n`]);
  for (const option of [
    "--port",
    "--host",
    "--config",
    "--data",
    "--live",
    "--hub-url",
    "--registry-url",
    "--dynamodb-endpoint",
  ]) {
    expect(stdout).toContain(option);
  }
});

test("the secrets for --live are read from .env and go to the given Docker Hub", async () => {
  writeFileSync(
    join(folder.path, ".env"),
    "ACME_CHAIN_TRIGGER=https://hub.docker.com/api/build/v1/source/1/trigger/2/call/\n",
    { mode: 0o600 },
  );
  const config = folder.config({ chain });
  const args = ["--data", folder.data, "--live", "--hub-url", hub.origin, "--config", config];
  const program = await startProgram(args, {}, folder.path);
  try {
    await program.api("POST", "/pipelines/chain/runs");
    expect(hub.triggers).toMatchObject([
      { path: "/api/build/v1/source/1/trigger/2/call/", body: { docker_tag: "a" } },
    ]);
    expect(program.stdout() + program.stderr()).not.toContain("/trigger/2/");
  } finally {
    await program.kill("SIGKILL");
  }
});

test("a simulated run does not continue as a real one", async () => {
  const config = folder.config({ chain });
  const simulated = await start(["--config", config]);
  expect((await simulated.api("POST", "/pipelines/chain/runs")).status).toBe(201);
  await stop(simulated);
  const secrets = { ACME_CHAIN_TRIGGER: "token" };
  const live = await start(["--config", config, "--live", "--hub-url", hub.origin], secrets);
  expect((await live.api("GET", "/pipelines/chain")).body.run).toBeNull();
  expect(live.stdout()).not.toContain("continues");
  await stop(live);
  const again = await start(["--config", config]);
  expect((await again.api("GET", "/pipelines/chain")).body.run).not.toBeNull();
});

test("a schedule starts a run, and starts missed while the program was down are made up for by one run", async () => {
  const config = folder.config({ chain: { ...chain, schedule: { every: "1s" } } });
  const program = await start(["--config", config, "--hub-url", hub.origin]);
  await until(() => hub.triggers.length === 1, "the schedule has started a run");
  const { body } = await program.api("GET", "/pipelines/chain");
  expect(body.run).toMatchObject({ cause: "schedule", status: "running" });
  await program.hook(pushWebhook("acme/chain", "a"));
  await program.hook(pushWebhook("acme/chain", "b"));
  await stop(program);

  const later = folder.config({ chain: { ...chain, schedule: { every: "2s" } } });
  hub.triggers.length = 0;
  // Two instants of the schedule pass.
  await sleep(4_100);
  const again = await start(["--config", later, "--hub-url", hub.origin]);
  await until(() => hub.triggers.length > 0, "a run makes up for the missed starts");
  const runs = (await again.api("GET", "/pipelines/chain/runs")).body.runs;
  expect(runs.filter(({ status }: { status: string }) => status === "running")).toHaveLength(1);
  expect(hub.tags()).toEqual(["a"]);
});

test("only the owner can read the data folder", async () => {
  await start(["--config", folder.config({ chain })]);
  expect(statSync(folder.data).mode & 0o077).toBe(0);
});

test("while the store is unreachable, requests are answered with 503, and the webhook works once it is back", async () => {
  const data = join(folder.path, "engine");
  mkdirSync(data);
  const engine = await startDynamodb(data);
  const config = folder.config({ chain });
  const program = await start([
    ...["--config", config, "--hub-url", hub.origin, "--dynamodb-endpoint", engine.endpoint],
  ]);
  await program.api("POST", "/pipelines/chain/runs");
  await engine.close();

  const refused = await program.hook(pushWebhook("acme/chain", "a"));
  expect(refused).toMatchObject({ status: 503, body: { title: "Service Unavailable" } });
  expect((await program.api("GET", "/pipelines")).status).toBe(503);
  expect(hub.tags()).toEqual(["a"]);
  expect((await fetch(`${program.origin}/healthz`)).status).toBe(200);

  const back = await startDynamodb(data, Number(new URL(engine.endpoint).port));
  expect((await program.hook(pushWebhook("acme/chain", "a"))).body.outcome).toBe("advanced");
  expect(hub.tags()).toEqual(["a", "b"]);
  await stop(program);
  await back.close();
});

test("every kind of builder is simulated, and no real one gets a request", async () => {
  const github = { repository: "acme/web", workflow: "image.yml", ref: "main", secret: "GITHUB_TOKEN" };
  const event = {
    repository: "acme/web",
    event: "rebuild",
    payload: { run: "{run}" },
    secret: "GITHUB_TOKEN",
  };
  const gitlab = { project: "acme/lab", variables: { TAG: "{tag}", RUN: "{run}" }, secret: "GITLAB_TRIGGER" };
  const http = {
    url: "https://ci.example.org:8443/build/{repository}?try={attempt}&key={secret:CI_TOKEN}",
    headers: { authorization: "Bearer {secret:CI_TOKEN}" },
    body: { image: "{image}", run: "{run}" },
  };
  const config = folder.config({
    graph: {
      steps: {
        base: { image: "acme/base:1" },
        web: { image: "acme/web:1", trigger: { github } },
        event: { image: "acme/event:1", trigger: { github: event } },
        lab: { image: "acme/lab:1", trigger: { gitlab } },
        ci: { image: "acme/ci:1", trigger: { http } },
      },
    },
  });
  const program = await start(["--config", config]);
  const { body: run } = await program.api("POST", "/pipelines/graph/runs");
  const status = async () => (await program.api("GET", `/runs/${run.id}`)).body.status;
  await until(async () => (await status()) === "succeeded", "the run succeeds", 30_000);
}, 40_000);
