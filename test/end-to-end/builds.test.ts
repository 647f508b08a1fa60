// Builds that are asked for with a Dockerfile, as their users see them: the real program and real commands. Only what a kill does
// needs the program as a process of its own.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openapi } from "../../shared/http/api/openapi.ts";
import { readDescription } from "../shared/http/api/described-api.ts";
import { tagrelay } from "../stand-ins/command-line.ts";
import { filesIn } from "../stand-ins/command-machine.ts";
import { startInProcess } from "../stand-ins/in-process.ts";
import {
  apiToken,
  type Client,
  type Folder,
  makeFolder,
  type Program,
  spawnProgram,
  startProgram,
  until,
} from "../stand-ins/program.ts";
import { readOutput } from "../stand-ins/read-output.ts";

const operations = readDescription(openapi);
const secret = "a-secret-of-the-cellar";
const dockerfile = "FROM scratch\nCOPY app.sh /\n";

let folder: Folder;
/** The program that runs now, and what ends it. */
let program: (Client & { stderr: () => string }) | null = null;
let end: (() => Promise<unknown>) | null = null;
async function endProgram(): Promise<void> {
  await end?.();
  end = null;
}

beforeEach(() => {
  folder = makeFolder();
});
afterEach(async () => {
  await endProgram();
  folder.remove();
});

const file = (name: string) => join(folder.path, name);
const release = (name: string) => writeFileSync(file(name), "");
const waitFor = (name: string) => `while [ ! -e ${name} ]; do sleep 0.05; done`;

type Run = string | string[] | null;

function argsFor(run: Run, others: Record<string, unknown> = {}, command = {}): string[] {
  const pipelines = { idle: { image: "acme/idle", trigger: { command: { run: "true" } }, sequence: ["a"] } };
  const builds = { command: { run, directory: folder.path, ...command }, ...others };
  const config = folder.config(pipelines, run === null ? {} : { builds });
  return ["--live", "--data", folder.data, "--config", config];
}

const env = { CELLAR_TOKEN: secret, PATH: process.env.PATH ?? "" };

async function start(run: Run, others: Record<string, unknown> = {}, command = {}) {
  await endProgram();
  const started = await startInProcess(argsFor(run, others, command), env);
  end = started.stop;
  program = started;
  return started;
}

async function startProcess(run: Run): Promise<Program> {
  const started = await startProgram(argsFor(run), env);
  end = () => started.kill("SIGKILL");
  program = started;
  return started;
}

type Answer = { status: number; body: ReturnType<typeof JSON.parse>; headers: Headers };

/** Calls the API, and checks that it answers as it is described. */
async function call(id: string, build = "", body?: unknown): Promise<Answer> {
  const operation = operations.find((one) => one.id === id);
  if (operation === undefined || program === null) throw new Error(`expected an operation ${id}`);
  const response = await fetch(`${program.origin}${operation.path.replace("{build}", build)}`, {
    method: operation.method,
    headers: { authorization: `Bearer ${apiToken}` },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.clone().text();
  expect(await operation.check(response)).toBeNull();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}

const ask = (rest: Record<string, unknown> = {}) =>
  call("startBuild", "", { image: "you/app:1", dockerfile, ...rest });

async function isOver(id: string) {
  await until(
    async () => !["queued", "building"].includes((await call("getBuild", id)).body.status),
    "the build is over",
    30_000,
  );
  return (await call("getBuild", id)).body;
}

const contexts = () => {
  const path = join(folder.data, "live", "builds", "contexts");
  return existsSync(path) ? readdirSync(path) : [];
};

describe("a build", () => {
  test("starts at once, has its Dockerfile and files, is followed live, and leaves nothing behind but its output", async () => {
    const run = `cat {dockerfile} {context}/src/app.sh; echo {image} {repository} {tag} {build} $TOKEN; ${waitFor("go")}`;
    await start(run, {}, { environment: { TOKEN: "{secret:CELLAR_TOKEN}" } });
    const asked = await ask({ files: { "src/app.sh": "echo hello\n" } });
    expect(asked).toMatchObject({ status: 201, body: { image: "you/app:1", status: "queued" } });
    const { id } = asked.body;
    expect(asked.headers.get("location")).toBe(`/api/builds/${id}`);
    const reading = await readOutput(`${program?.origin}/api/builds/${id}/output`);
    const printed = `${dockerfile}echo hello\nyou/app:1 you/app 1 ${id} ***\n`;
    await until(() => reading.text() === printed, "the output has come");
    expect((await call("getBuild", id)).body.status).toBe("building");
    expect(contexts()).toEqual([id]);
    release("go");
    await reading.ended;
    expect(reading.seen.at(-1)).toMatchObject({ name: "end", data: { outcome: "succeeded" } });
    expect(await isOver(id)).toMatchObject({ status: "succeeded", endedAt: expect.any(String) });
    expect((await call("getBuildOutput", id)).body).toBe(printed);
    await until(() => contexts().length === 0, "the folder of the build is removed");
    for (const path of filesIn(folder.data)) expect(readFileSync(path, "utf8")).not.toContain(secret);
    expect(program?.stderr()).not.toContain(secret);
    // What a Dockerfile says is nobody else's business.
    expect(program?.stderr()).not.toContain("FROM scratch");
    expect((await call("listBuilds")).body.builds).toMatchObject([{ id, status: "succeeded" }]);
  });

  test("that fails says why, and its folder is removed, too", async () => {
    await start(["sh", "-c", "echo no space; exit 7"]);
    const { id } = (await ask({ dockerfile: Buffer.from(dockerfile).toString("base64") })).body;
    expect(await isOver(id)).toMatchObject({ status: "failed", reason: "exited with 7: no space" });
    const reading = await readOutput(`${program?.origin}/api/builds/${id}/output`);
    await reading.ended;
    expect(reading.seen.map(({ name }) => name)).toEqual(["output", "failed", "end"]);
    await until(() => contexts().length === 0, "the folder of the build is removed");
  });

  test("that takes too long is stopped, and one whose program does not exist has failed", async () => {
    await start("sleep 60", { timeout: "1s" });
    const { id } = (await ask()).body;
    expect(await isOver(id)).toMatchObject({
      status: "failed",
      reason: "took longer than 1s and was stopped",
    });
    await start(["/no/such/program"]);
    const other = (await ask()).body;
    expect(await isOver(other.id)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("expected a program /no/such/program"),
    });
    await until(() => contexts().length === 0, "the folders of the builds are removed");
  });
});

describe("many builds", () => {
  test("wait for their turn, oldest first, and what is beyond the queue is refused", async () => {
    const run = "echo {tag} >> order; while [ ! -e go-{tag} ]; do sleep 0.05; done";
    await start(run, { queue: 2 }, { concurrency: 2 });
    const ids: string[] = [];
    for (const tag of ["a", "b", "c", "d"]) {
      const { status, body } = await ask({ image: `you/app:${tag}` });
      expect(status).toBe(201);
      ids.push(body.id);
    }
    const refused = await ask({ image: "you/app:e" });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("30");
    const statuses = async () =>
      (await call("listBuilds")).body.builds.map((b: { status: string }) => b.status);
    await until(() => existsSync(file("order")), "a build runs");
    await until(async () => (await statuses()).join() === "queued,queued,building,building", "two run");
    // A cancelled build that runs is stopped, and one that waits never begins.
    expect((await call("cancelBuild", ids[2])).body.status).toBe("cancelled");
    expect((await call("cancelBuild", ids[0])).body.status).toBe("cancelled");
    expect((await call("cancelBuild", ids[0])).status).toBe(409);
    await until(async () => (await statuses())[0] === "building", "the last one has the place");
    release("go-b");
    release("go-d");
    expect((await isOver(ids[1] ?? "")).status).toBe("succeeded");
    expect((await isOver(ids[3] ?? "")).status).toBe("succeeded");
    expect(readFileSync(file("order"), "utf8").trim().split("\n").toSorted()).toEqual(["a", "b", "d"]);
    await until(() => contexts().length === 0, "the folders of the builds are removed");
  });
});

describe("a kill of the program", () => {
  test("stops neither a build that runs nor those that wait, and nothing says building for ever", async () => {
    const run = `echo {tag}; ${waitFor("go")}`;
    const { kill } = await startProcess(run);
    const running = (await ask()).body.id;
    const waiting = (await ask({ image: "you/app:2" })).body.id;
    await until(async () => (await call("getBuildOutput", running)).body === "1\n", "the build runs");
    await kill("SIGKILL");
    release("go");
    await start(run);
    expect(await isOver(running)).toMatchObject({ status: "succeeded" });
    expect(await isOver(waiting)).toMatchObject({ status: "succeeded" });
    await until(() => contexts().length === 0, "the folders of the builds are removed");
  });

  test("together with everything that it has started ends the build as failed at the next start", async () => {
    const { kill } = await startProcess(`echo $PPID > pid; ${waitFor("never")}`);
    const { id } = (await ask()).body;
    await until(() => existsSync(file("pid")) && readFileSync(file("pid"), "utf8") !== "", "the build runs");
    await kill("SIGKILL");
    // As when the machine restarts: the supervising process is gone, too.
    process.kill(Number(readFileSync(file("pid"), "utf8")), "SIGKILL");
    await start(`echo again`);
    expect(await isOver(id)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("ended unexpectedly"),
    });
    // The next build is not kept waiting.
    expect(await isOver((await ask()).body.id)).toMatchObject({ status: "succeeded" });
    await until(() => contexts().length === 0, "the folders of the builds are removed");
  });

  test("between a build's turn and its command ends it as failed, and what belongs to no build is removed", async () => {
    const states = join(folder.data, "live", "builds", "states");
    mkdirSync(states, { recursive: true });
    const id = "0".repeat(32);
    const build = {
      id,
      image: "you/app:1",
      status: "building",
      queuedAt: 1,
      startedAt: 2,
      endedAt: null,
      reason: null,
    };
    writeFileSync(join(states, `${id}.json`), JSON.stringify(build));
    for (const name of [id, "1".repeat(32)]) {
      mkdirSync(join(folder.data, "live", "builds", "contexts", name), { recursive: true });
    }
    await start("true");
    expect((await call("getBuild", id)).body).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("before the build was started"),
    });
    expect(contexts()).toEqual([]);
  });
});

describe("a request", () => {
  /** What is asked for, the status, and the words of the answer: the image, or the problem. */
  const requests: [rest: Record<string, unknown>, status: number, words: RegExp][] = [
    [{ image: "you/app" }, 201, /^you\/app:latest$/],
    [{ image: "UPPER/App:1" }, 400, /image: expected a repository/],
    [{ image: "you/app:1; rm -rf /" }, 400, /image: expected a repository/],
    [{ dockerfile: "bm90IGEgRG9ja2VyZmlsZQ" }, 201, /./],
    [{ dockerfile: "!!" }, 400, /dockerfile: expected the text of a Dockerfile/],
    [{ dockerfile: `FROM scratch\n#${"x".repeat(256 * 1024)}` }, 400, /at most 256 KiB/],
    [{ files: { "../evil": "x" } }, 400, /expected a relative path/],
    [{ files: { "/etc/passwd": "x" } }, 400, /expected a relative path/],
    [{ files: { "a/../../b": "x" } }, 400, /expected a relative path/],
    ...["\n", "\r", "\u2028", "\u0085"].flatMap((line): typeof requests => [
      [{ files: { [`x${line}/../../../../escaped.txt`]: "x" } }, 400, /expected a relative path/],
      [{ files: { [`a${line}b`]: "x" } }, 400, /without \.\. or control characters/],
    ]),
    [{ files: { "a\u0000b": "x" } }, 400, /without \.\. or control characters/],
    [{ files: { "..a/.b/c..": "x", "ü ß/€ 😀": "x" } }, 201, /./],
    [{ files: { Dockerfile: "FROM x" } }, 400, /expected a relative path/],
    [{ files: { a: "x", "a/b": "x" } }, 400, /a folder of another/],
    [{ files: { "a/b": 5 } }, 400, /^files\.a\/b: expected text, found the number 5$/],
    [{ unknown: 1 }, 400, /unknown/],
  ];
  test("is answered with the build, or with what is wrong with it", async () => {
    await start("true");
    for (const [rest, status, words] of requests) {
      const { status: found, body } = await ask(rest);
      expect([rest, found, found === 201 ? body.image : body.detail]).toEqual([
        ...[rest, status, expect.stringMatching(words)],
      ]);
    }
  });

  test("that is too large, without a token or for a build that is unknown is refused", async () => {
    await start("true");
    expect((await call("startBuild", "", "x".repeat(1024 * 1024 + 1))).status).toBe(413);
    for (const id of ["getBuild", "cancelBuild", "getBuildOutput"]) {
      expect((await call(id, "f".repeat(32))).status).toBe(404);
    }
    const body = JSON.stringify({ image: "you/app:1", dockerfile });
    expect((await fetch(`${program?.origin}/api/builds`, { method: "POST", body })).status).toBe(401);
  });

  test("in a program without builds is refused with what to do", async () => {
    await start(null);
    expect(await ask()).toMatchObject({ status: 409, body: { detail: expect.stringContaining("`builds`") } });
  });
});

describe("GET /b1/build", () => {
  const get = (query: Record<string, string>, token: string | null = apiToken) =>
    fetch(`${program?.origin}/b1/build?${new URLSearchParams(query)}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
  const query = {
    imagename: "registry.example.org/cts/example",
    dockerfile: Buffer.from(dockerfile).toString("base64"),
  };

  test("does not exist unless it is configured", async () => {
    await start("true");
    expect((await get(query)).status).toBe(404);
  });

  test("answers the id of a build, and needs the token", async () => {
    await start("echo {image}; cat {dockerfile}", { b1: true });
    const response = await get(query);
    const id = await response.text();
    expect([response.status, id]).toEqual([200, expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(await isOver(id)).toMatchObject({
      status: "succeeded",
      image: "registry.example.org/cts/example:latest",
    });
    expect((await call("getBuildOutput", id)).body).toContain(`example:latest\n${dockerfile}`);
    // The request that the original's documentation shows does not escape its base64.
    const address = `${program?.origin}/b1/build?imagename=you/app&dockerfile=RlJPTSBhOj4+Pj4K`;
    const raw = await fetch(address, { headers: { authorization: `Bearer ${apiToken}` } });
    expect(raw.status).toBe(200);
    expect((await get(query, null)).status).toBe(401);
    expect((await get(query, "wrong")).status).toBe(401);
    expect((await get({ imagename: "you/app" })).status).toBe(400);
  });
});

test("tagrelay build asks for a build and follows it, and tagrelay output finds it by its id", async () => {
  const { origin } = await start("cat {dockerfile}; test {tag} = 1");
  const env = { TAGRELAY_URL: origin, TAGRELAY_API_TOKEN: apiToken };
  writeFileSync(file("Dockerfile"), dockerfile);
  const options = { env, cwd: folder.path };
  const followed = await tagrelay(["build", "you/app:1", "--follow"], options);
  expect(followed).toMatchObject({ code: 0, stdout: dockerfile });
  const failed = await tagrelay(["build", "you/app:2", "--file", "-", "--follow"], {
    env,
    input: dockerfile,
  });
  expect(failed).toMatchObject({ code: 1, stdout: dockerfile });
  const { stdout } = await tagrelay(["build", "you/app:1", "--json"], options);
  const { id } = JSON.parse(stdout);
  await isOver(id);
  expect(await tagrelay(["output", id], { env })).toMatchObject({ code: 0, stdout: dockerfile });
  expect(await tagrelay(["output", "idle"], { env })).toMatchObject({ code: 2 });
  expect(await tagrelay(["build", "you/app:1", "--file", "none"], options)).toMatchObject({ code: 2 });
});

test("a configuration of builds names its problems with their path, and a missing secret is told at the start", async () => {
  const pipelines = { idle: { image: "acme/idle", trigger: { command: { run: "true" } }, sequence: ["a"] } };
  const config = folder.config(pipelines, {
    builds: { command: { run: ["build", "{step}"], environment: { T: "{secret:X}" } }, queue: -1 },
  });
  const invalid = await tagrelay(["validate", config]);
  expect(invalid.code).toBe(1);
  expect(invalid.stderr).toMatch(
    /builds\.command\.run\[1\]: expected one of the placeholders .*\{context\}.*found "\{step\}"/,
  );
  expect(invalid.stderr).toContain("builds.queue");
  folder.config(pipelines, { builds: { command: { run: "true", environment: { T: "{secret:X}" } } } });
  const started = spawnProgram(["--live", "--port", "0", "--data", folder.data, "--config", config]);
  expect(await started.ended).toBe(2);
  expect(started.stderr()).toContain("X, for builds");
});
