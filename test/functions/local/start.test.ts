import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DockerHub, pushWebhook, startDockerHub } from "../../stand-ins/docker-hub.ts";
import { startDynamodb } from "../../stand-ins/dynamodb.ts";
import {
  type Folder,
  makeFolder,
  type Program,
  spawnProgram,
  startProgram,
  until,
} from "../../stand-ins/program.ts";

const chain = { image: "acme/chain", sequence: ["a", "b"] };

let folder: Folder;
let hub: DockerHub;
const programs: Program[] = [];

beforeEach(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

async function start(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<Program> {
  const program = await startProgram(["--data", folder.data, ...args], env, cwd);
  programs.push(program);
  return program;
}

/** The exit code and what was said on the way. */
async function startInVain(args: readonly string[], env: Record<string, string> = {}, cwd?: string) {
  const started = spawnProgram(["--data", folder.data, ...args], env, cwd);
  const code = await started.ended;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

describe("a start that cannot be is refused with exit code 2 and what to do:", () => {
  test("an unknown option", async () => {
    expect(await startInVain(["--prot", "1"])).toEqual({
      code: 2,
      stdout: "",
      stderr: 'tagrelay: unknown option --prot; did you mean "--port"?\n',
    });
  });

  test("a port that is none", async () => {
    const { code, stderr } = await startInVain(["--port", "http"]);
    expect([code, stderr]).toEqual([2, 'tagrelay: expected --port from 0 to 65535, found "http"\n']);
  });

  test("a URL that is none", async () => {
    const { code, stderr } = await startInVain(["--hub-url", "localhost"]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'tagrelay: expected --hub-url to be a URL such as http://127.0.0.1:9000, found "localhost"\n',
    );
  });

  test("a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await until(() => server.listening, "the port is taken");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { code, stderr } = await startInVain([
      "--port",
      String(port),
      "--config",
      folder.config({ chain }),
    ]);
    server.close();
    expect([code, stderr]).toEqual([
      2,
      `tagrelay: port ${port} is in use; choose another with --port, or --port 0 for any that is free\n`,
    ]);
  });

  test("a data folder in use", async () => {
    const config = folder.config({ chain });
    await start(["--config", config]);
    const { code, stderr } = await startInVain(["--port", "0", "--config", config]);
    expect([code, stderr]).toEqual([
      2,
      `tagrelay: ${folder.data} is in use by another tagrelay; stop that one, or choose another folder with --data\n`,
    ]);
  });

  test("a data folder that is none", async () => {
    const config = folder.config({ chain });
    writeFileSync(folder.data, "");
    const { code, stderr } = await startInVain(["--config", config]);
    expect([code, stderr]).toEqual([
      2,
      `tagrelay: expected --data to be a folder that can be written, found ${folder.data} (EEXIST)\n`,
    ]);
  });

  test("a DynamoDB that is not there", async () => {
    const config = folder.config({ chain });
    const { code, stderr } = await startInVain([
      "--config",
      config,
      "--dynamodb-endpoint",
      "http://127.0.0.1:9",
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "expected a DynamoDB at --dynamodb-endpoint http://127.0.0.1:9, found none that answers",
    );
  });

  test("no configuration", async () => {
    const { code, stderr } = await startInVain(["--config", "nowhere.yaml"]);
    expect([code, stderr]).toEqual([
      2,
      "tagrelay: nowhere.yaml: expected a configuration, found no such file\n",
    ]);
  });

  test("a wrong configuration, with all that is wrong with it", async () => {
    const config = folder.config({
      one: { sequence: ["acme/a:1", "b"] },
      two: { steps: { base: { image: "acme/base:1" }, top: { image: "acme/top:1", after: "bse" } } },
    });
    const { code, stderr } = await startInVain(["--config", config]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      [
        `tagrelay: ${config}: pipelines.one.sequence[1]: expected namespace/repo:tag, found the tag "b" alone; give the pipeline an "image", the repository of such tags`,
        `${config}: pipelines.two.steps.top.after: step "top" comes after unknown step "bse"; did you mean "base"?`,
        "",
      ].join("\n"),
    );
  });

  test("--live without the secrets", async () => {
    const { code, stderr } = await startInVain(["--live", "--config", folder.config({ chain })]);
    expect(code).toBe(2);
    expect(stderr).toContain('  ACME_CHAIN_TRIGGER, for step "a" of pipeline chain\n');
  });

  test("a .env that others can read", async () => {
    writeFileSync(join(folder.path, ".env"), "ACME_CHAIN_TRIGGER=token\n");
    chmodSync(join(folder.path, ".env"), 0o644);
    const { code, stderr } = await startInVain(["--config", folder.config({ chain })], {}, folder.path);
    expect([code, stderr]).toEqual([
      2,
      "tagrelay: expected .env to be readable by you alone, found mode 644; run: chmod 600 .env\n",
    ]);
  });
});

test("--help tells the options", async () => {
  const { code, stdout } = await startInVain(["--help"]);
  expect(code).toBe(0);
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

test("the secrets of --live are read from .env, and go to the Docker Hub that was named", async () => {
  writeFileSync(
    join(folder.path, ".env"),
    "ACME_CHAIN_TRIGGER=https://hub.docker.com/api/build/v1/source/1/trigger/2/call/\n",
    {
      mode: 0o600,
    },
  );
  const program = await start(
    ["--live", "--hub-url", hub.origin, "--config", folder.config({ chain })],
    {},
    folder.path,
  );
  await program.api("POST", "/pipelines/chain/runs");
  expect(hub.triggers).toMatchObject([
    { path: "/api/build/v1/source/1/trigger/2/call/", body: { docker_tag: "a" } },
  ]);
  expect(program.stdout() + program.stderr()).not.toContain("/trigger/2/");
});

test("a simulated run does not go on as a real one", async () => {
  const config = folder.config({ chain });
  const simulated = await start(["--config", config]);
  expect((await simulated.api("POST", "/pipelines/chain/runs")).status).toBe(201);
  await simulated.kill("SIGKILL");
  const secrets = { ACME_CHAIN_TRIGGER: "token" };
  const live = await start(["--config", config, "--live", "--hub-url", hub.origin], secrets);
  expect((await live.api("GET", "/pipelines/chain")).body.run).toBeNull();
  expect(live.stdout()).not.toContain("goes on");
  await live.kill("SIGKILL");
  const again = await start(["--config", config]);
  expect((await again.api("GET", "/pipelines/chain")).body.run).not.toBeNull();
});

test("a schedule starts a run, and a start that was missed while the program was down is made up for once", async () => {
  const config = folder.config({ chain: { ...chain, schedule: { every: "2s" } } });
  const program = await start(["--config", config, "--hub-url", hub.origin]);
  await until(() => hub.triggers.length === 1, "the schedule has started a run");
  const { body } = await program.api("GET", "/pipelines/chain");
  expect(body.run).toMatchObject({ cause: "schedule", status: "running" });
  await program.hook(pushWebhook("acme/chain", "a"));
  await program.hook(pushWebhook("acme/chain", "b"));
  await program.kill("SIGKILL");

  const daily = folder.config({ chain: { ...chain, schedule: { every: "3s" } } });
  hub.triggers.length = 0;
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  const again = await start(["--config", daily, "--hub-url", hub.origin]);
  await until(() => hub.triggers.length > 0, "the missed start is made up for");
  const runs = (await again.api("GET", "/pipelines/chain/runs")).body.runs;
  expect(runs.filter(({ status }: { status: string }) => status === "running")).toHaveLength(1);
  expect(hub.tags()).toEqual(["a"]);
});

test("the data folder is for its owner alone", async () => {
  await start(["--config", folder.config({ chain })]);
  expect(statSync(folder.data).mode & 0o077).toBe(0);
});

test("a store that goes away is answered with 503, and what was not taken is taken when it is back", async () => {
  const data = join(folder.path, "engine");
  mkdirSync(data);
  const engine = await startDynamodb(data);
  const config = folder.config({ chain });
  const program = await start([
    "--config",
    config,
    "--hub-url",
    hub.origin,
    "--dynamodb-endpoint",
    engine.endpoint,
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
  await program.kill("SIGKILL");
  await back.close();
});

test("every kind of trigger is simulated too, and nothing real is asked", async () => {
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
        web: { image: "acme/web:1", after: "base", trigger: { github } },
        event: { image: "acme/event:1", after: "base", trigger: { github: event } },
        lab: { image: "acme/lab:1", after: "base", trigger: { gitlab } },
        ci: { image: "acme/ci:1", after: "base", trigger: { http } },
      },
    },
  });
  const program = await start(["--config", config]);
  const { body: run } = await program.api("POST", "/pipelines/graph/runs");
  await until(
    async () => (await program.api("GET", `/runs/${run.id}`)).body.status === "succeeded",
    "the run succeeds",
    30_000,
  );
}, 40_000);
