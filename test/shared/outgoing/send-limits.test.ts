import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createSend } from "../../../shared/outgoing/send.ts";
import { type AnyServer, answering, cutting, startAnyServer, staying } from "../../stand-ins/any-server.ts";

const secretPath = "/trigger/0123-secret/";
const send = createSend();
let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
});
afterAll(() => server.close());

const post = (url = `${server.origin}${secretPath}`, timeoutMs = 2_000, headers = {}) =>
  send({ method: "POST", url, headers, body: "{}", timeoutMs });

async function closedPort(): Promise<string> {
  const closed = await startAnyServer();
  await closed.close();
  return new URL(closed.origin).port;
}

test("a body that never ends keeps the status, and takes no longer than the time-out", async () => {
  server.answer = (response) => void response.writeHead(202).write("half");
  const startedAt = Date.now();
  expect(await post(undefined, 300)).toMatchObject({ kind: "answered", status: 202, text: "" });
  expect(Date.now() - startedAt).toBeLessThan(1_500);
});

test("a body at the limit of 128 KiB is returned, and one byte more is not", async () => {
  server.answer = answering(200, "x".repeat(128 * 1024));
  expect(await post()).toMatchObject({ status: 200, text: "x".repeat(128 * 1024) });
  server.answer = answering(200, "x".repeat(128 * 1024 + 1));
  expect(await post()).toMatchObject({ status: 200, text: "" });
});

test.each([301, 302, 303, 307, 308])(
  "a redirect by %i keeps its status, and is not followed",
  async (status) => {
    const elsewhere = await startAnyServer();
    server.answer = answering(status, "", { location: `${elsewhere.origin}/` });
    expect(await post()).toMatchObject({ kind: "answered", status });
    expect([server.asked.length, elsewhere.asked.length]).toEqual([1, 0]);
    await elsewhere.close();
  },
);

test.each([429, 500, 503])(
  "an answer of %i is returned after one request, which is not repeated",
  async (status) => {
    server.answer = answering(status, "", { "retry-after": "0" });
    expect(await post()).toMatchObject({ kind: "answered", status });
    await sleep(50);
    expect(server.asked).toHaveLength(1);
  },
);

test.each([
  ["cut", cutting],
  ["silent", staying],
])("a request whose connection is %s is not sent twice", async (_what, answer) => {
  server.answer = answer;
  expect(await post(undefined, 300)).toMatchObject({ kind: "unanswered" });
  await sleep(50);
  expect(server.asked).toHaveLength(1);
});

test("without a connection to any of localhost's addresses, nothing was sent", async () => {
  expect(await post(`http://localhost:${await closedPort()}${secretPath}`)).toEqual({
    kind: "unsent",
    reason: "the connection was refused",
  });
});

test("a host without TLS receives nothing of the request", async () => {
  expect(await post(`${server.origin.replace("http:", "https:")}${secretPath}`)).toMatchObject({
    kind: "unsent",
  });
  expect(server.asked).toEqual([]);
});

test("a repeated header has its first value", async () => {
  server.answer = (response) => void response.writeHead(429, ["X-A", "1", "X-A", "2"]).end();
  const answer = await post();
  expect(answer.kind === "answered" && answer.header("x-a")).toBe("1");
});

test("thirty concurrent requests all have an answer", async () => {
  server.answer = answering(202, "so");
  const answers = await Promise.all(Array.from({ length: 30 }, () => post()));
  expect(new Set(answers.map((answer) => answer.kind === "answered" && answer.status))).toEqual(
    new Set([202]),
  );
  expect(server.asked).toHaveLength(30);
});

// Lambda freezes the process between webhooks, so it does not notice that the other side closed the connection.
test("a connection that was closed while the process was frozen is not used again", async () => {
  const far = new Worker(
    `const { createServer } = require("node:http");
     const { parentPort } = require("node:worker_threads");
     const server = createServer((request, response) => {
       response.end(String(request.socket.remotePort));
       setTimeout(() => request.socket.destroy(), 100);
     });
     server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`,
    { eval: true },
  );
  const port = await new Promise((resolve) => far.once("message", resolve));
  const url = `http://127.0.0.1:${port}${secretPath}`;
  const first = await post(url);
  await sleep(20);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  const second = await post(url);
  expect([first, second]).toMatchObject([
    { kind: "answered", status: 200 },
    { kind: "answered", status: 200 },
  ]);
  await far.terminate();
});

test("no reason contains the address or a header, whatever fails", async () => {
  const port = await closedPort();
  const reasons: string[] = [];
  for (const [url, headers] of [
    [`http://127.0.0.1:${port}${secretPath}`, {}],
    [`http://localhost:${port}${secretPath}`, {}],
    [`https://127.0.0.1:${new URL(server.origin).port}${secretPath}`, {}],
    [`http://[${secretPath}`, {}],
    [`//127.0.0.1${secretPath}`, {}],
    [`javascript:${secretPath}`, {}],
    [`${server.origin}${secretPath}`, { authorization: "Bearer 0123-secret\n" }],
    [`${server.origin}${secretPath}`, { authorization: "Bearer 0123-secret\u2028" }],
    [`${server.origin}${secretPath}`, { "0123-secret:": "x" }],
  ] as const) {
    const answer = await post(url, 2_000, headers);
    expect(answer.kind).toBe("unsent");
    if (answer.kind === "unsent") reasons.push(answer.reason);
  }
  for (const answer of [cutting, staying]) {
    server.answer = answer;
    const { kind, ...rest } = await post(undefined, 200);
    expect(kind).toBe("unanswered");
    reasons.push(JSON.stringify(rest));
  }
  expect(reasons.join(" ")).not.toMatch(/0123|secret|127\.0\.0\.1|localhost|:\d{2,}/);
});
