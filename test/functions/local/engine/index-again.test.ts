import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerHub, startDockerHub } from "../../../stand-ins/docker-hub.ts";
import { type Folder, makeFolder, type Program, startProgram, until } from "../../../stand-ins/program.ts";

let folder: Folder;
let hub: DockerHub;
let program: Program;

const start = () =>
  startProgram([
    ...["--data", folder.data, "--hub-url", hub.origin],
    ...["--config", folder.config({ chain: { image: "acme/chain", sequence: ["a"] } })],
  ]);

beforeAll(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  program = await start();
});
afterAll(async () => {
  await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

/** What a kill in the middle of a write may do. */
async function loseIndex(): Promise<number> {
  const level = new ClassicLevel<Buffer, Buffer>(join(folder.data, "dynamodb"), {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
  });
  const keys = await level.keys().all();
  const lost = keys.filter((key) => key.includes("index-global"));
  for (const key of lost) await level.del(key);
  await level.close();
  return lost.length;
}

test("a run that a kill has left out of the index is found again at the next start", async () => {
  hub.answerNext({ status: 503 });
  await program.api("POST", "/pipelines/chain/runs");
  await program.kill("SIGKILL");
  expect(await loseIndex()).toBeGreaterThan(0);
  program = await start();
  await until(() => hub.triggers.length === 2, "the refused trigger is sent again", 20_000);
});
