// A build that is asked for with a Dockerfile, by the old form and by the new: a real build by buildah, pushed to a real registry.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { apiToken, type Folder, makeFolder, type Program, startProgram } from "../stand-ins/program.ts";
import { readOutput } from "../stand-ins/read-output.ts";
import { type Registry, startRegistry } from "./registry.ts";

let folder: Folder;
let registry: Registry;
let program: Program;
beforeAll(async () => {
  folder = makeFolder();
  // Nobody listens to its notifications.
  const hook = { url: "http://127.0.0.1:1/", secret: "x" };
  registry = await startRegistry({ folder: join(folder.path, "registry"), hook, needsLogin: false });
  const buildah = `buildah --storage-driver vfs --root ${folder.path}/storage --runroot ${folder.path}/run`;
  const run = [
    `${buildah} bud --isolation chroot --tls-verify=false --file {dockerfile} --tag {image} {context}`,
    `${buildah} push --tls-verify=false {image}`,
  ].join("\n");
  const config = folder.config(
    { idle: { image: "acme/idle", trigger: { command: { run: "true" } }, sequence: ["a"] } },
    { builds: { command: { run }, b1: true } },
  );
  program = await startProgram(["--live", "--data", folder.data, "--config", config]);
}, 60_000);
afterAll(async () => {
  await program.kill("SIGKILL");
  await registry.stop();
  folder.remove();
});

const token = { authorization: `Bearer ${apiToken}` };

async function layersOf(name: string): Promise<number> {
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const response = await fetch(`http://${registry.host}/v2/${name}/manifests/latest`, {
    headers: { accept },
  });
  return z.object({ layers: z.array(z.unknown()) }).parse(await response.json()).layers.length;
}

test("a Dockerfile with its files becomes an image at the registry, and the next one stands on it", async () => {
  const image = `${registry.host}/you/base`;
  const asked = await program.api("POST", "/builds", {
    image,
    dockerfile: "FROM scratch\nCOPY motd /etc/motd\n",
    files: { motd: "hello\n" },
  });
  expect(asked.status).toBe(201);
  const first = await readOutput(`${program.origin}/api/builds/${asked.body.id}/output`);
  await first.ended;
  expect([first.seen.at(-1)?.data, first.text()]).toEqual([
    { outcome: "succeeded" },
    expect.stringContaining("COPY motd"),
  ]);
  expect(await layersOf("you/base")).toBe(1);

  const dockerfile = Buffer.from(`FROM ${image}\nENV TERM xterm\nCOPY Dockerfile /\n`).toString("base64");
  const query = new URLSearchParams({ imagename: `${registry.host}/cts/example`, dockerfile });
  const answer = await fetch(`${program.origin}/b1/build?${query}`, { headers: token });
  const second = await readOutput(`${program.origin}/api/builds/${await answer.text()}/output`);
  await second.ended;
  expect(second.seen.at(-1)?.data).toEqual({ outcome: "succeeded" });
  expect(await layersOf("cts/example")).toBe(2);
}, 120_000);
