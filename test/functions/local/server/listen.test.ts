import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { type Listening, listen } from "../../../../functions/local/server/listen.ts";
import { until } from "../../../stand-ins/program.ts";
import { openSlowClients, type SlowClients } from "../../../stand-ins/slow-clients.ts";

const limits = { headersMs: 300, requestMs: 600, idleMs: 500, checkEveryMs: 50, maxConnections: 20 };
const large = "x".repeat(256 * 1024);

let server: Listening | null = null;
let crowd: SlowClients | null = null;
afterEach(async () => {
  crowd?.close();
  await server?.close();
});

async function start(answer = large): Promise<string> {
  server = await listen(() => new Response(answer), "127.0.0.1", 0, { limits });
  return server.origin;
}

const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

test("a client that keeps sending requests and never reads is disconnected once nothing was transferred for a while", async () => {
  const origin = await start();
  // It keeps sending, because a client that does not read notices only so that it is disconnected.
  const deaf = openSlowClients(origin, 5, {
    start: get.repeat(200),
    again: { text: get, everyMs: 50 },
    isReading: false,
  });
  crowd = deaf;
  await until(() => deaf.connected() === 0, "all are disconnected", 20 * limits.idleMs);
});

test("if there are too many connections, those that have been idle for longest are closed", async () => {
  const origin = await start("answer");
  crowd = openSlowClients(origin, 30, { start: "" });
  const idle = crowd;
  await until(() => idle.connected() <= limits.maxConnections, "some are closed");
  expect(await (await fetch(origin)).text()).toBe("answer");
});

test("a client that reads slowly gets its whole answer", async () => {
  const origin = await start("x".repeat(8 * 1024 * 1024));
  const response = await fetch(origin);
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size % 7 === 0) await sleep(20);
  }
  expect(size).toBe(8 * 1024 * 1024);
});
