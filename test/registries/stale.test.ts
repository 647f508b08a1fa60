// `tagrelay stale` on trees of Dockerfiles as large as Jupyter's and Selenium's, whose images are in a real registry.
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lookAtFreshness } from "../../shared/evidence/freshness.ts";
import { createProofs } from "../../shared/evidence/proofs.ts";
import { realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { createLookUps } from "../../shared/registries/look-up.ts";
import { tagrelay } from "../stand-ins/command-line.ts";
import { type Folder, makeFolder } from "../stand-ins/program.ts";
import { serve } from "../stand-ins/serve.ts";
import { digestOf, putManifest, uploadBlob } from "./put-image.ts";
import { type Registry, startRegistry } from "./registry.ts";

/** Each image and its base. */
const bases: Record<string, string | null> = {
  // Jupyter's docker-stacks.
  "docker-stacks-foundation": null,
  "base-notebook": "docker-stacks-foundation",
  "minimal-notebook": "base-notebook",
  "scipy-notebook": "minimal-notebook",
  "r-notebook": "minimal-notebook",
  "julia-notebook": "minimal-notebook",
  "datascience-notebook": "scipy-notebook",
  "tensorflow-notebook": "scipy-notebook",
  "pytorch-notebook": "scipy-notebook",
  "pyspark-notebook": "scipy-notebook",
  "all-spark-notebook": "pyspark-notebook",
  // Selenium's docker-selenium.
  base: null,
  hub: "base",
  router: "base",
  distributor: "base",
  sessions: "base",
  "session-queue": "base",
  "event-bus": "base",
  "node-base": "base",
  "node-docker": "base",
  "standalone-docker": "node-docker",
  "node-chrome": "node-base",
  "node-chromium": "node-base",
  "node-edge": "node-base",
  "node-firefox": "node-base",
  "standalone-chrome": "node-chrome",
  "standalone-chromium": "node-chromium",
  "standalone-edge": "node-edge",
  "standalone-firefox": "node-firefox",
  video: null,
};
const names = Object.keys(bases);

let folder: Folder;
let registry: Registry;
/** Passes requests on to the registry, and counts them. */
let counter: { origin: string; host: string; methods: string[]; close: () => Promise<void> };
const layers = new Map<string, string[]>();

beforeAll(async () => {
  folder = makeFolder();
  const hook = { url: "http://127.0.0.1:1/", secret: "none" };
  registry = await startRegistry({ folder: join(folder.path, "registry"), hook, needsLogin: false });
  counter = await startCounter();
  for (const [name, base] of Object.entries(bases)) {
    await push(name, [...(base === null ? [] : (layers.get(base) ?? [])), randomUUID()]);
    const from = base === null ? "scratch" : `${counter.host}/acme/${base}:latest`;
    mkdirSync(join(folder.path, "images", name), { recursive: true });
    writeFileSync(join(folder.path, "images", name, "Dockerfile"), `FROM ${from}\n`);
  }
}, 60_000);
afterAll(async () => {
  await counter.close();
  await registry.stop();
  folder.remove();
});

async function startCounter(): Promise<typeof counter> {
  const methods: string[] = [];
  const server = createServer((asked, response) => {
    methods.push(asked.method ?? "");
    const options = { method: asked.method ?? "GET", headers: asked.headers };
    const passed = request(`http://${registry.host}${asked.url}`, options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.pipe(passed);
  });
  const { origin, close } = await serve(server);
  return { origin, host: new URL(origin).host, methods, close };
}

async function push(name: string, contents: string[]): Promise<void> {
  layers.set(name, contents);
  const upload = (text: string) => uploadBlob(registry.host, `acme/${name}`, text);
  const diffIds = contents.map(digestOf);
  const config = { os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: diffIds } };
  const type = "application/vnd.oci.image";
  const manifest = {
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: { mediaType: `${type}.config.v1+json`, ...(await upload(JSON.stringify(config))) },
    layers: await Promise.all(
      contents.map(async (text) => ({ mediaType: `${type}.layer.v1.tar`, ...(await upload(text)) })),
    ),
  };
  await putManifest(registry.host, `acme/${name}`, "latest", {
    type: `${type}.manifest.v1+json`,
    text: JSON.stringify(manifest),
  });
}

const stale = () => {
  counter.methods.length = 0;
  const options = ["--namespace", `${counter.host}/acme`, "--json"];
  return tagrelay(["stale", join(folder.path, "images"), ...options]);
};
const statesIn = (stdout: string): Record<string, string> =>
  Object.fromEntries(
    JSON.parse(stdout).images.map(({ image, state }: { image: string; state: string }) => [
      image.replace(/^.*\/(.+):latest$/, "$1"),
      state,
    ]),
  );

test("thirty images are told fresh by two requests for each: its manifest and its configuration", async () => {
  const { code, stdout } = await stale();
  expect(statesIn(stdout)).toEqual(Object.fromEntries(names.map((name) => [name, "fresh"])));
  expect(code).toBe(0);
  // Images without a base are read only if others stand on them.
  const read = names.filter((name) => bases[name] !== null || Object.values(bases).includes(name));
  expect(counter.methods).toHaveLength(2 * read.length);
});

test("in a process that has read them before, one HEAD request for each is enough", async () => {
  const ports = { send: createSend(), origins: realOrigins, clock: Date.now, readLogin: async () => null };
  const { readContent } = createLookUps(ports);
  const imageOf = (name: string) => ({ repository: `${counter.host}/acme/${name}`, tag: "latest" });
  const images = Object.entries(bases).map(([name, base]) => ({
    image: imageOf(name),
    bases:
      base === null
        ? []
        : [
            {
              name: { kind: "step" as const, step: base },
              image: imageOf(base),
              earlier: [],
              proven: null,
              isFrom: true,
            },
          ],
  }));
  const proofs = createProofs();
  await lookAtFreshness(readContent, proofs, images);
  counter.methods.length = 0;
  const found = await lookAtFreshness(readContent, proofs, images);
  expect(new Set(found.map(({ state }) => state))).toEqual(new Set(["fresh"]));
  expect(new Set(counter.methods)).toEqual(new Set(["HEAD"]));
  expect(counter.methods).toHaveLength(29);
});

test("a new base makes the images on it stale, and all above them behind", async () => {
  await push("node-base", [...(layers.get("base") ?? []), randomUUID()]);
  const { code, stdout } = await stale();
  const states = statesIn(stdout);
  const of = (state: string) => names.filter((name) => states[name] === state);
  expect(of("stale")).toEqual(["node-chrome", "node-chromium", "node-edge", "node-firefox"]);
  expect(of("behind")).toEqual([
    "standalone-chrome",
    "standalone-chromium",
    "standalone-edge",
    "standalone-firefox",
  ]);
  expect(of("unknown")).toEqual([]);
  expect(code).toBe(1);
});
