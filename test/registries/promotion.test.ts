// A family that is promoted together, shown on a real registry: with real builds, and with a program that is killed meanwhile.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
  webhookSecret,
} from "../stand-ins/program.ts";
import { type BuildServer, startBuildServer } from "./build-server.ts";
import { type NotificationLine, startNotificationLine } from "./notification-line.ts";
import { digestOf, putManifest } from "./put-image.ts";
import { readImage } from "./read-image.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { type SlowLine, startSlowLine } from "./slow-line.ts";

const buildScript = new URL("build.sh", import.meta.url).pathname;
/** Each step and its base. */
const bases = { base: null, python: "base", tools: "base", api: "python", app: "api" } as const;
type Step = keyof typeof bases;
const steps = Object.keys(bases) as Step[];
/** `KILLS=50 npm run test:registries` kills more often. */
const kills = Number(process.env.KILLS ?? 6);
/** How long the move of a tag takes at most. */
const maxMoveMs = 100;
const manifestType = "application/vnd.oci.image.manifest.v1+json";

let folder: Folder;
let line: NotificationLine;
let registry: Registry;
let slowLine: SlowLine;
let server: BuildServer;
let program: Program;
let build: (step: string, image: string, pins: string) => Promise<unknown>;
let built: string[] = [];

beforeAll(async () => {
  folder = makeFolder();
  line = await startNotificationLine();
  const hook = { url: `${line.origin}/hooks/distribution`, secret: webhookSecret };
  registry = await startRegistry({ folder: join(folder.path, "registry"), hook, needsLogin: false });
  slowLine = await startSlowLine(registry.host, maxMoveMs);
  server = await startBuildServer(async ({ step, image, pins }) => {
    await build(step, image, pins);
    built.push(step);
  });
  writeImages();
  writeConfig();
  program = await start();
});
afterAll(async () => {
  expect(server.failures).toEqual([]);
  await Promise.all([registry.stop(), server.close(), slowLine.close()]);
  await line.close();
  await program.kill("SIGKILL");
  folder.remove();
});

async function start(): Promise<Program> {
  const config = join(folder.path, "tagrelay.yaml");
  const started = await startProgram([
    ...["--live", "--config", config, "--data", folder.data],
    ...["--registry", `${registry.host}=${slowLine.origin}`],
  ]);
  line.target = started.origin;
  return started;
}

const repositoryOf = (step: string) => `acme/${step}`;
const imageOf = (step: string, tag = "latest") => `${registry.host}/${repositoryOf(step)}:${tag}`;
const buildForReal = (step: string, image: string, pins: string) =>
  promisify(execFile)("bash", [buildScript, step, image, pins], { cwd: folder.path });

function writeImages(): void {
  for (const step of steps) {
    const base = bases[step];
    const dockerfile =
      base === null ? "FROM scratch\nCOPY number /number\n" : `FROM ${imageOf(base)}\nCOPY name /${step}\n`;
    mkdirSync(join(folder.path, "images", step), { recursive: true });
    writeFileSync(join(folder.path, "images", step, "Dockerfile"), dockerfile);
    writeFileSync(join(folder.path, "images", step, "name"), step);
  }
  writeFileSync(join(folder.path, "auth.json"), "{}");
}

function writeConfig(): void {
  const trigger = { http: { url: server.url, body: { step: "{step}", image: "{image}", pins: "{pins}" } } };
  const family = steps.map((step) => {
    const base = bases[step];
    return [step, { image: imageOf(step), ...(base === null ? {} : { after: base }) }];
  });
  const settings = {
    promote: "together",
    confirm: "registry",
    verify: "required",
    retries: 0,
    onPush: "ignore",
  };
  folder.config({ family: { ...settings, trigger, steps: Object.fromEntries(family) } });
}

async function startRun() {
  built = [];
  const { body } = await program.api("POST", "/pipelines/family/runs");
  const load = async () => (await program.api("GET", `/runs/${body.id}`)).body;
  const end = async () => {
    await until(async () => (await load()).status !== "running", "the run ends", 90_000);
    return load();
  };
  return { id: body.id, load, end };
}
const digests = async () =>
  Object.fromEntries(await Promise.all(steps.map(async (step) => [step, await digestAt(step)] as const)));

async function digestAt(step: string): Promise<string | null> {
  const answer = await fetch(`http://${registry.host}/v2/${repositoryOf(step)}/manifests/latest`, {
    method: "HEAD",
    headers: { accept: manifestType },
  });
  return answer.headers.get("docker-content-digest");
}

async function untilMoving(load: () => Promise<{ promotion: { phase: string } }>): Promise<void> {
  while (["building", "preparing"].includes((await load()).promotion.phase)) await sleep(2);
}

/** An image like the one before, with another digest. */
async function rebuildQuickly(step: string, image: string): Promise<void> {
  const answer = await fetch(`http://${registry.host}/v2/${repositoryOf(step)}/manifests/latest`, {
    headers: { accept: manifestType },
  });
  const manifest = JSON.parse(await answer.text());
  const text = JSON.stringify({ ...manifest, annotations: { build: randomUUID() } });
  await putManifest(registry.host, repositoryOf(step), image.split(":").at(-1) ?? "", {
    type: manifestType,
    text,
  });
  // What is pushed can be read by its digest.
  expect(digestOf(text)).toMatch(/^sha256:/);
}

test("real builds go to candidates, stand on candidates, and all tags move together", async () => {
  build = buildForReal;
  writeFileSync(join(folder.path, "images/base/number"), randomUUID());
  const { end } = await startRun();
  const ended = await end();
  expect(ended).toMatchObject({ status: "succeeded", promotion: { phase: "moved" } });
  const shown = await digests();
  for (const { name, digest, candidate, standsOn = [] } of ended.steps) {
    expect(shown[name]).toBe(digest);
    expect((await readImage(candidate)).digest).toBe(digest);
    expect(standsOn.map(({ verdict }: { verdict: string }) => verdict)).toEqual(
      bases[name as Step] === null ? [] : ["proven"],
    );
  }
});

test("a rollback restores every digest", async () => {
  build = buildForReal;
  const before = await digests();
  writeFileSync(join(folder.path, "images/base/number"), randomUUID());
  const { id, end } = await startRun();
  await end();
  const after = await digests();
  expect(Object.values(after).filter((digest) => Object.values(before).includes(digest))).toEqual([]);
  const { body } = await program.api("POST", `/runs/${id}/rollback`);
  expect(body.steps.map(({ outcome }: { outcome: string }) => outcome)).toEqual(steps.map(() => "movedBack"));
  expect(await digests()).toEqual(before);
});

test(`a promotion that is killed ${kills} times leaves no mixed family after the next start`, async () => {
  build = rebuildQuickly;
  let mixed = 0;
  for (let round = 0; round < kills; round += 1) {
    const before = await digests();
    const run = await startRun();
    await until(() => built.length === steps.length, "all candidates are pushed", 30_000);
    // Every other time, the kill comes while tags are being moved.
    if (round % 2 === 1) await untilMoving(run.load);
    await sleep(Math.random() * maxMoveMs * 1.5);
    await program.kill("SIGKILL");
    const killed = await digests();
    const moved = steps.filter((step) => killed[step] !== before[step]).length;
    if (moved > 0 && moved < steps.length) mixed += 1;
    program = await start();
    const load = async () => (await program.api("GET", `/runs/${run.id}`)).body;
    await until(async () => (await load()).status !== "running", "the run ends after the next start", 30_000);
    const ended = await load();
    expect(ended).toMatchObject({ status: "succeeded", promotion: { phase: "moved" } });
    const expected = ended.steps.map(({ name, digest }: { name: string; digest: string }) => [name, digest]);
    expect(await digests()).toEqual(Object.fromEntries(expected));
  }
  process.stdout.write(`${mixed} of ${kills} kills left the family mixed until the next start\n`);
}, 600_000);
