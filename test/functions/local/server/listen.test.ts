import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { type Listening, listen } from "../../../../functions/local/server/listen.ts";
import { type Crowd, gather } from "../../../stand-ins/crowd.ts";
import { until } from "../../../stand-ins/program.ts";

const limits = { headersMs: 300, requestMs: 600, stillMs: 500, checkEveryMs: 50, connectionsAtMost: 20 };
const large = "x".repeat(256 * 1024);

let server: Listening | null = null;
let crowd: Crowd | null = null;
afterEach(async () => {
  crowd?.close();
  await server?.close();
});

async function start(answer = large): Promise<string> {
  server = await listen(() => new Response(answer), "127.0.0.1", 0, { limits });
  return server.origin;
}

const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

test("a client that asks and asks and never reads is cut once nothing has moved for a while", async () => {
  const origin = await start();
  // It goes on asking: who reads nothing sees only by that that it is cut.
  const deaf = gather(origin, 5, {
    start: get.repeat(200),
    again: { text: get, everyMs: 50 },
    isReading: false,
  });
  crowd = deaf;
  await until(() => deaf.staying() === 0, "all are cut", 20 * limits.stillMs);
});

test("of more connections than there may be, those that have been quiet for longest make room", async () => {
  const origin = await start("here");
  crowd = gather(origin, 30, { start: "" });
  const quiet = crowd;
  await until(() => quiet.staying() <= limits.connectionsAtMost, "some have made room");
  expect(await (await fetch(origin)).text()).toBe("here");
});

test("a client that reads slowly, but reads, has its whole answer", async () => {
  const origin = await start("x".repeat(8 * 1024 * 1024));
  const response = await fetch(origin);
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size % 7 === 0) await sleep(20);
  }
  expect(size).toBe(8 * 1024 * 1024);
});
