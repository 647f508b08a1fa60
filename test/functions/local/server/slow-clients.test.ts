import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { defaultLimits } from "../../../../functions/local/server/listen.ts";
import { pushWebhook } from "../../../stand-ins/docker-hub.ts";
import { apiToken, type Client, type Program, until, webhookSecret } from "../../../stand-ins/program.ts";
import { openSlowClients, type SlowClient, type SlowClients } from "../../../stand-ins/slow-clients.ts";
import { startWithHub, startWithHubInProcess, type WithHub } from "../../../stand-ins/with-hub.ts";

const pipelines = { chain: { image: "acme/chain", sequence: ["a", "b"] } };

let setup: WithHub<Program>;
const crowds: SlowClients[] = [];

beforeAll(async () => {
  setup = await startWithHub(pipelines);
});
afterEach(() => {
  for (const crowd of crowds.splice(0)) crowd.close();
});
afterAll(() => setup.close());

function open(origin: string, count: number, client: SlowClient): SlowClients {
  const crowd = openSlowClients(origin, count, client);
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
// Node starts with all requests of a connection: forty times five are as many as are handled or may wait.
const notReading = {
  start: `GET /api/pipelines HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${apiToken}\r\n\r\n`.repeat(5),
  isReading: false,
};

/** Sends one request after the other, and returns the time that the slowest of them took. */
async function requestAll(program: Client, times: number): Promise<number> {
  let slowestMs = 0;
  for (let index = 0; index < times; index += 1) {
    for (const request of [
      async () => expect(await program.hook(pushWebhook("acme/chain", "a"))).toMatchObject({ status: 200 }),
      async () => expect(await program.api("GET", "/pipelines/chain")).toMatchObject({ status: 200 }),
      async () => expect((await fetch(`${program.origin}/healthz`)).status).toBe(200),
    ]) {
      const startedAt = performance.now();
      await request();
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
  }
  return slowestMs;
}

describe("hundreds of slow clients", () => {
  test("with slow heads, slow bodies, no request, or that never read, delay nobody else and are disconnected", async () => {
    // The test waits for these limits.
    const limits = { ...defaultLimits, headersMs: 4_000, requestMs: 7_000 };
    const { program, close } = await startWithHubInProcess(pipelines, { limits });
    const heads = open(program.origin, 120, slowHead);
    const bodies = open(program.origin, 200, slowBody);
    const idle = open(program.origin, 120, silent);
    open(program.origin, 40, notReading);
    await sleep(500);
    expect([heads.connected(), bodies.connected(), idle.connected()]).toEqual([120, 200, 120]);
    // A request that waited for one of them would wait until it is disconnected.
    expect(await requestAll(program, 15)).toBeLessThan(limits.headersMs);

    const headsAreCut = () => heads.connected() + idle.connected() === 0;
    await until(headsAreCut, "clients with slow heads are disconnected", 2 * limits.headersMs);
    expect(heads.received().every((received) => received.startsWith("HTTP/1.1 408 "))).toBe(true);
    const bodiesAreCut = () => bodies.connected() === 0;
    await until(bodiesAreCut, "clients with slow bodies are disconnected", 2 * limits.requestMs);
    expect(await requestAll(program, 5)).toBeLessThan(limits.headersMs);
    await close();
  }, 90_000);

  test("that know the secret and are more than may be open make room once they have been slow for long", async () => {
    const bodies = open(setup.program.origin, 700, slowBody);
    // On a busy machine, the first are slow for long before the last arrive, and already make room.
    const isFull = () =>
      bodies.received().some((received) => received.startsWith("HTTP/1.1 503 ")) || bodies.connected() < 700;
    await until(isFull, "there is no room");
    await sleep(2_500);
    expect(await requestAll(setup.program, 15)).toBeLessThan(defaultLimits.headersMs);
  }, 30_000);

  test("that do not know the secret are refused without waiting for their bodies", async () => {
    const strangers = open(setup.program.origin, 700, { ...slowBody, start: `${hook("wrong")}{` });
    expect(await requestAll(setup.program, 15)).toBeLessThan(defaultLimits.headersMs);
    const isOver = () => strangers.connected() === 0;
    await until(isOver, "all of them are disconnected", defaultLimits.requestMs);
    // On a busy machine, some send more while they are disconnected, and lose their answers by that.
    const answers = strangers.received().filter((received) => received !== "");
    expect(answers.every((answer) => answer.startsWith("HTTP/1.1 404 "))).toBe(true);
    expect(answers.length).toBeGreaterThan(350);
  }, 40_000);
});
