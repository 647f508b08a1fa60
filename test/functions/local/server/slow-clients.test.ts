import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { usualLimits } from "../../../../functions/local/server/listen.ts";
import { type Crowd, type Dawdler, gather } from "../../../stand-ins/crowd.ts";
import { type DockerHub, pushWebhook, startDockerHub } from "../../../stand-ins/docker-hub.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
  webhookSecret,
} from "../../../stand-ins/program.ts";

let folder: Folder;
let hub: DockerHub;
let program: Program;
const crowds: Crowd[] = [];

beforeAll(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  const config = folder.config({ chain: { image: "acme/chain", sequence: ["a", "b"] } });
  program = await startProgram(["--data", folder.data, "--config", config, "--hub-url", hub.origin]);
});
afterEach(() => {
  for (const crowd of crowds.splice(0)) crowd.close();
});
afterAll(async () => {
  await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

function dawdle(count: number, dawdler: Dawdler): Crowd {
  const crowd = gather(program.origin, count, dawdler);
  crowds.push(crowd);
  return crowd;
}

const hook = (secret: string) =>
  `POST /hooks/dockerhub/${secret} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`;
const slowHead = {
  start: "POST /hooks/dockerhub/x HTTP/1.1\r\nhost: x\r\nx-slow: ",
  again: { text: "x", everyMs: 500 },
};
const slowBody = { start: `${hook(webhookSecret)}{`, again: { text: " ", everyMs: 500 } };
const silent = { start: "" };
// Node begins with all that one connection asks for: forty times five are as many as may be here at once.
const deaf = {
  start: `GET /api/pipelines HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${apiToken}\r\n\r\n`.repeat(5),
  isReading: false,
};

/** Asks one thing after the other, and tells how long the slowest of them took. */
async function askAll(times: number): Promise<number> {
  let slowestMs = 0;
  for (let index = 0; index < times; index += 1) {
    for (const ask of [
      async () => expect(await program.hook(pushWebhook("acme/chain", "a"))).toMatchObject({ status: 200 }),
      async () => expect(await program.api("GET", "/pipelines/chain")).toMatchObject({ status: 200 }),
      async () => expect((await fetch(`${program.origin}/healthz`)).status).toBe(200),
    ]) {
      const startedAt = performance.now();
      await ask();
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
  }
  return slowestMs;
}

describe("four hundred and more clients that dawdle,", () => {
  test("some over their heads, some over their bodies, some silent, some deaf, keep nobody else waiting, and are cut", async () => {
    const heads = dawdle(120, slowHead);
    const bodies = dawdle(200, slowBody);
    const quiet = dawdle(120, silent);
    dawdle(40, deaf);
    await sleep(500);
    expect([heads.staying(), bodies.staying(), quiet.staying()]).toEqual([120, 200, 120]);
    // Whoever waited for one of them would wait until it is cut.
    expect(await askAll(15)).toBeLessThan(usualLimits.headersMs);

    await until(() => heads.staying() + quiet.staying() === 0, "heads are cut", 2 * usualLimits.headersMs);
    expect(heads.told().every((told) => told.startsWith("HTTP/1.1 408 "))).toBe(true);
    await until(() => bodies.staying() === 0, "bodies are cut", 2 * usualLimits.requestMs);
    expect(await askAll(5)).toBeLessThan(usualLimits.headersMs);
  }, 90_000);

  test("more of them than may be under way, all with the secret, make room once they have dawdled for long", async () => {
    const bodies = dawdle(700, slowBody);
    await until(() => bodies.told().some((told) => told.startsWith("HTTP/1.1 503 ")), "there is no room");
    await sleep(2_500);
    expect(await askAll(15)).toBeLessThan(usualLimits.headersMs);
  }, 30_000);

  test("strangers, take no room at all: nobody waits for their bodies", async () => {
    const strangers = dawdle(700, { ...slowBody, start: `${hook("wrong")}{` });
    expect(await askAll(15)).toBeLessThan(usualLimits.headersMs);
    await until(() => strangers.staying() === 0, "strangers are cut", usualLimits.requestMs);
    expect(strangers.told().every((told) => told.startsWith("HTTP/1.1 404 "))).toBe(true);
  }, 40_000);
});
