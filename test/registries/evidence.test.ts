// Whether images stand on their bases, shown on a real registry with images that are really built.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
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
import { digestOf, putManifest, uploadBlob } from "./put-image.ts";
import { readImage } from "./read-image.ts";
import { type Registry, startRegistry } from "./registry.ts";

const buildScript = new URL("build.sh", import.meta.url).pathname;
/** Each step and its base. */
const bases = { base: null, python: "base", tools: "base", api: "python", app: "api" } as const;
type Step = keyof typeof bases;
const steps = Object.keys(bases) as Step[];

let folder: Folder;
let line: NotificationLine;
let registry: Registry;
let server: BuildServer;
let program: Program;
/** The platforms that the next build of `multi` has. */
let platforms: string[];

beforeAll(async () => {
  folder = makeFolder();
  line = await startNotificationLine();
  const hook = { url: `${line.origin}/hooks/distribution`, secret: webhookSecret };
  registry = await startRegistry({ folder: join(folder.path, "registry"), hook, needsLogin: false });
  server = await startBuildServer((ordered) =>
    ordered.step === "multi" ? pushIndex() : build(ordered.step, ordered.image, ordered.pins),
  );
  writeImages();
  program = await startProgram(["--live", "--config", writeConfig(), "--data", folder.data]);
  line.target = program.origin;
});
beforeEach(() => {
  rmSync(join(folder.path, "stale"), { force: true });
  changeBase();
  platforms = ["amd64", "arm64"];
});
afterAll(async () => {
  expect(server.failures).toEqual([]);
  await Promise.all([registry.stop(), server.close()]);
  await line.close();
  await program.kill("SIGKILL");
  folder.remove();
});

const imageOf = (step: string) => `${registry.host}/acme/${step}:latest`;
const build = (step: string, image: string, pins: string) =>
  promisify(execFile)("bash", [buildScript, step, image, pins], { cwd: folder.path });
const changeBase = () => writeFileSync(join(folder.path, "images/base/number"), randomUUID());
const makeStale = (step: Step) => writeFileSync(join(folder.path, "stale"), `${step}\n`);

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

function writeConfig(): string {
  const body = { step: "{step}", image: "{image}" };
  const http = { http: { url: server.url, body } };
  const pinned = { http: { url: server.url, body: { ...body, pins: "{pins}" } } };
  const command = {
    command: { run: ["bash", buildScript, "{step}", "{image}"], directory: folder.path },
  };
  const family = (trigger: unknown) =>
    Object.fromEntries(
      steps.map((step) => {
        const base = bases[step];
        return [step, { image: imageOf(step), trigger, ...(base === null ? {} : { after: base }) }];
      }),
    );
  const settings = { confirm: "registry", timeout: "1m", onPush: "ignore" };
  return folder.config({
    strict: { ...settings, verify: "required", retries: 0, steps: family(http) },
    patient: { ...settings, verify: "required", retries: 2, steps: family(command) },
    pinned: { ...settings, verify: "required", retries: 0, steps: family(pinned) },
    lean: { ...settings, rebuild: "stale", look: "off", steps: family(command) },
    multi: { ...settings, retries: 0, steps: { multi: { image: imageOf("multi"), trigger: http } } },
  });
}

async function start(pipeline: string) {
  const { body } = await program.api("POST", `/pipelines/${pipeline}/runs`);
  const load = async () => (await program.api("GET", `/runs/${body.id}`)).body;
  const end = async () => {
    await until(async () => (await load()).status !== "running", `the run of ${pipeline} ends`, 90_000);
    return load();
  };
  return { load, end };
}
const run = async (pipeline: string) => (await start(pipeline)).end();

/** Puts an index of the platforms together, as `docker buildx` does, and points the tag to it. */
async function pushIndex(): Promise<void> {
  const type = "application/vnd.oci.image.manifest.v1+json";
  const manifests = [];
  for (const architecture of platforms) {
    const config = await uploadBlob(
      registry.host,
      "acme/multi",
      JSON.stringify({
        os: "linux",
        architecture,
        rootfs: { type: "layers", diff_ids: [] },
        id: randomUUID(),
      }),
    );
    const image = {
      schemaVersion: 2,
      mediaType: type,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: [],
    };
    const text = JSON.stringify(image);
    await putManifest(registry.host, "acme/multi", digestOf(text), { type, text });
    const platform = { os: "linux", architecture };
    manifests.push({ mediaType: type, digest: digestOf(text), size: text.length, platform });
  }
  const index = "application/vnd.oci.image.index.v1+json";
  const text = JSON.stringify({ schemaVersion: 2, mediaType: index, manifests });
  await putManifest(registry.host, "acme/multi", "latest", { type: index, text });
}

test("each image of a family is proven to stand on what its base was pushed as", async () => {
  const ended = await run("strict");
  expect(ended.status).toBe("succeeded");
  const pushed = new Map<string, string>();
  for (const { name, digest, platforms: found, standsOn = [] } of ended.steps) {
    expect(digest).toBe((await readImage(imageOf(name))).digest);
    expect(found).toEqual(["linux/amd64"]);
    const base = bases[name as Step];
    const expected = base === null ? [] : [{ step: base, digest: pushed.get(base), verdict: "proven" }];
    expect(standsOn).toEqual(expected);
    pushed.set(name, digest);
  }
});

test("a builder with an old base in its cache is caught, and the step is named", async () => {
  await run("strict");
  const before = (await readImage(imageOf("base"))).digest;
  changeBase();
  makeStale("python");
  const ended = await run("strict");
  expect(ended.status).toBe("failed");
  const states = Object.fromEntries(
    ended.steps.map(({ name, state }: { name: string; state: string }) => [name, state]),
  );
  expect(states).toEqual({ base: "done", python: "failed", tools: "done", api: "skipped", app: "skipped" });
  const python = ended.steps.find(({ name }: { name: string }) => name === "python");
  expect(python.standsOn).toEqual([{ step: "base", digest: before, verdict: "contradicted" }]);
  expect(python.reason).toContain(`stands on ${imageOf("base")}@${before.slice(0, 19)}`);
  expect(python.reason).toContain("did not pull");
});

test("a stale image is built again, until it stands on its base", async () => {
  await run("patient");
  changeBase();
  makeStale("python");
  const { load, end } = await start("patient");
  await until(async () => {
    const { steps: found } = await load();
    return found.some(({ reason = "" }) => reason.includes("did not pull"));
  }, "the stale image is noticed");
  rmSync(join(folder.path, "stale"));
  const ended = await end();
  expect(ended.status).toBe("succeeded");
  const python = ended.steps.find(({ name }: { name: string }) => name === "python");
  expect(python).toMatchObject({ attempts: 2, standsOn: [{ verdict: "proven" }] });
});

test("with {pins}, images are built from this run's base, though it is pushed again meanwhile", async () => {
  const { load, end } = await start("pinned");
  server.isOpen = true;
  const stepOf = async (name: string) =>
    (await load()).steps.find((step: { name: string }) => step.name === name);
  await until(async () => (await stepOf("base")).state === "building", "the base is built");
  server.isOpen = false;
  await until(async () => (await stepOf("python")).state === "building", "the next builds are asked for");
  const { digest } = await stepOf("base");
  changeBase();
  await build("base", imageOf("base"), "");
  expect((await readImage(imageOf("base"))).digest).not.toBe(digest);
  server.open();
  const ended = await end();
  expect(ended.status).toBe("succeeded");
  for (const name of ["python", "tools"]) {
    expect((await stepOf(name)).standsOn).toEqual([{ step: "base", digest, verdict: "proven" }]);
  }
});

test("under rebuild: stale, an identical rebuild of the base rebuilds no child, and a changed one rebuilds all", async () => {
  const statesOf = async () =>
    Object.fromEntries(
      (await run("lean")).steps.map(({ name, state }: { name: string; state: string }) => [name, state]),
    );
  await run("lean");
  const fresh = { base: "done", python: "fresh", tools: "fresh", api: "fresh", app: "fresh" };
  expect(await statesOf()).toEqual(fresh);
  changeBase();
  expect(await statesOf()).toEqual({ base: "done", python: "done", tools: "done", api: "done", app: "done" });
  // Only what stands on the image that was pushed by hand is behind.
  writeFileSync(join(folder.path, "images/python/name"), randomUUID());
  await build("python", imageOf("python"), "");
  writeFileSync(join(folder.path, "images/python/name"), "python");
  expect(await statesOf()).toEqual({ ...fresh, api: "done", app: "done" });
});

test("a rollback puts back every digest that a run replaced", async () => {
  const digests = async () =>
    Object.fromEntries(
      await Promise.all(steps.map(async (step) => [step, (await readImage(imageOf(step))).digest] as const)),
    );
  await run("strict");
  const before = await digests();
  changeBase();
  const ended = await run("strict");
  expect(Object.values(await digests()).filter((digest) => Object.values(before).includes(digest))).toEqual(
    [],
  );
  const { status, body } = await program.api("POST", `/runs/${ended.id}/rollback`);
  expect(status).toBe(200);
  expect(body.steps.map(({ outcome }: { outcome: string }) => outcome)).toEqual(steps.map(() => "movedBack"));
  expect(await digests()).toEqual(before);
  const again = await program.api("POST", `/runs/${ended.id}/rollback`);
  expect(again.body.steps[0]).toMatchObject({
    outcome: "unchanged",
    reason: "the tag points to its earlier image already",
  });
});

test("a platform that a tag had before and has lost fails its step", async () => {
  expect(await run("multi")).toMatchObject({
    status: "succeeded",
    steps: [{ platforms: ["linux/amd64", "linux/arm64"] }],
  });
  platforms = ["amd64"];
  const ended = await run("multi");
  expect(ended.status).toBe("failed");
  expect(ended.steps[0].reason).toMatch(/^its image has no linux\/arm64, only linux\/amd64/);
});
