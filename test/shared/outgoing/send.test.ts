import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSend } from "../../../shared/outgoing/send.ts";
import { type AnyServer, answering, cutting, startAnyServer, staying } from "../../stand-ins/any-server.ts";
import { serve } from "../../stand-ins/serve.ts";

const secretPath = "/trigger/0123-secret/";
const send = createSend();
let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
afterAll(() => server.close());

const post = (url = `${server.origin}${secretPath}`, timeoutMs = 2_000) =>
  send({ method: "POST", url, headers: { "x-mine": "1" }, body: "{}", timeoutMs });

test("a request is sent unchanged, and its answer returned", async () => {
  server.answer = answering(202, "accepted", { "retry-after": "5" });
  const answer = await post();
  expect(server.asked.at(-1)).toMatchObject({
    method: "POST",
    path: secretPath,
    headers: { "x-mine": "1" },
    body: "{}",
  });
  expect(answer).toMatchObject({ kind: "answered", status: 202, text: "accepted" });
  expect(answer.kind === "answered" && [answer.header("retry-after"), answer.header("nope")]).toEqual([
    "5",
    null,
  ]);
});

test("a redirect is returned, not followed", async () => {
  const asked = server.asked.length;
  server.answer = answering(301, "", { location: `${server.origin}/elsewhere` });
  expect(await post()).toMatchObject({ kind: "answered", status: 301 });
  expect(server.asked.length).toBe(asked + 1);
});

test("no answer in time is an unknown outcome", async () => {
  server.answer = staying;
  expect(await post(undefined, 200)).toEqual({ kind: "unanswered", reason: "no answer in time" });
});

test("a connection that breaks after the request is an unknown outcome", async () => {
  server.answer = cutting;
  expect(await post()).toEqual({
    kind: "unanswered",
    reason: expect.stringMatching(/^the connection broke \(\w+\)$/),
  });
});

test("a body that is cut off or far too large keeps the status", async () => {
  server.answer = (response) => {
    response.writeHead(202, { "content-length": "100" }).write("half");
    setTimeout(() => response.socket?.destroy(), 50);
  };
  expect(await post()).toMatchObject({ kind: "answered", status: 202, text: "" });
  server.answer = answering(202, "x".repeat(1_000_000));
  expect(await post()).toMatchObject({ kind: "answered", status: 202 });
});

test("if the connection is refused or the host does not exist, nothing was sent", async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const address = closed.address();
  const port = typeof address === "object" ? address?.port : 0;
  await new Promise((resolve) => closed.close(resolve));
  expect(await post(`http://127.0.0.1:${port}${secretPath}`)).toEqual({
    kind: "unsent",
    reason: "the connection was refused",
  });
  expect(await post(`http://tagrelay.invalid${secretPath}`, 5_000)).toMatchObject({ kind: "unsent" });
});

test("no reason contains the address", async () => {
  for (const url of [
    `http://${secretPath}`,
    `http://tagrelay.invalid${secretPath}`,
    "0123-secret",
    `ftp://x${secretPath}`,
  ]) {
    expect(JSON.stringify(await post(url, 5_000))).not.toContain("0123-secret");
  }
});

test("a connection that has been idle for some seconds is not used again, whatever the server offers", async () => {
  const sockets = new Set<unknown>();
  const counted = createServer((request, response) => {
    sockets.add(request.socket);
    request.resume();
    response.writeHead(202, { "keep-alive": "timeout=600" }).end();
  });
  counted.keepAliveTimeout = 600_000;
  const { origin, close } = await serve(counted);
  await post(`${origin}/`);
  await sleep(5_500);
  await post(`${origin}/`);
  expect(sockets.size).toBe(2);
  await close();
}, 15_000);
