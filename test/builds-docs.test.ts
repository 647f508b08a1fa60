// The commands in docs/builds.md do what the text says, with the configuration that it shows.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tagrelayFile } from "./stand-ins/command-line.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  root,
  startProgram,
  until,
} from "./stand-ins/program.ts";

const text = readFileSync(join(root, "docs/builds.md"), "utf8");
const blocksOf = (kind: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, "gms"))].map(([, block = ""]) =>
    block.trim(),
  );
const [followStep = "", followEvents = "", askByApi = "", askByCli = "", askByB1 = "", ...more] =
  blocksOf("sh");

let folder: Folder;
let program: Program;
let run = "";
beforeAll(async () => {
  folder = makeFolder();
  writeFileSync(join(folder.path, "Dockerfile"), "FROM scratch\n");
  const config = join(folder.path, "tagrelay.yaml");
  // Without --live, a build only takes time.
  writeFileSync(config, blocksOf("yaml")[0]?.replace("timeout: 30m", "timeout: 30m\n  b1: true") ?? "");
  program = await startProgram(["--data", folder.data, "--config", config]);
  run = (await program.api("POST", "/pipelines/family/runs")).body.id;
});
afterAll(async () => {
  await program.kill("SIGKILL");
  folder.remove();
});

/** In a shell, as a reader would. */
async function sh(command: string): Promise<string> {
  const here = command
    .replace("http://127.0.0.1:8787", program.origin)
    .replace("/RUN/", `/${run}/`)
    .replace("/STEP/", "/base/")
    .replace("npx tagrelay", `"${process.execPath}" "${tagrelayFile}"`);
  const env = { PATH: process.env.PATH, TAGRELAY_API_TOKEN: apiToken, TAGRELAY_URL: program.origin };
  return (await promisify(execFile)("sh", ["-c", here], { cwd: folder.path, env })).stdout;
}

test("no other commands are there", () => {
  expect(more).toEqual([]);
});

test("the output of a step is followed, by the command line and as events", async () => {
  const [events] = await Promise.all([sh(followEvents), sh(followStep)]);
  expect(events).toMatch(
    /^retry: \d+\n\n(?::\n\n)*event: end\nid: end\ndata: \{"outcome":"succeeded"\}\n\n$/,
  );
});

test("builds are asked for in each way", async () => {
  const asked = JSON.parse(await sh(askByApi));
  expect(asked).toMatchObject({ image: "you/app:1", status: "queued" });
  expect(await sh(askByB1)).toMatch(/^[0-9a-f]{32}$/);
  await sh(askByCli);
  const statuses = async () =>
    (await program.api("GET", "/builds")).body.builds.map(({ status }: { status: string }) => status);
  await until(
    async () => (await statuses()).join() === "succeeded,succeeded,succeeded",
    "all have succeeded",
  );
});
