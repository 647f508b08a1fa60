import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createLookUpTag } from "../../../shared/docker-hub/look-up-tag.ts";
import { realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { type AnyServer, answering, cutting, startAnyServer, staying } from "../../stand-ins/any-server.ts";

const now = Date.UTC(2026, 10, 20, 5);
const since = Date.UTC(2026, 10, 20, 3, 0, 7, 999);
const image = { repository: "acme/chain", tag: "latest" };

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
});
afterAll(() => server.close());

const send = createSend();
/** The real thing, but that nothing is waited for longer than 300 ms. */
const hasty: typeof send = (outgoing) => send({ ...outgoing, timeoutMs: Math.min(outgoing.timeoutMs, 300) });
const lookUp = (of = image, sinceMs = since, hub = server.origin) =>
  createLookUpTag(hasty, { ...realOrigins, hub }, () => now)(of, sinceMs);
const pushed = (tag_last_pushed: unknown, last_updated?: unknown) =>
  answering(200, JSON.stringify({ tag_last_pushed, last_updated, images: null, digest: null }));
const unknown = (reason: string, retryAfterMs: number | null = null) => ({
  kind: "unknown",
  reason,
  retryAfterMs,
});
const notTold = unknown("Docker Hub did not tell when the tag was pushed");

test("one request without a body or a login asks for the tag", async () => {
  server.answer = pushed("2026-11-20T04:00:00Z");
  expect(await lookUp()).toEqual({ kind: "pushed" });
  expect(server.asked).toEqual([
    {
      method: "GET",
      path: "/v2/namespaces/acme/repositories/chain/tags/latest",
      headers: expect.objectContaining({ accept: "application/json", host: new URL(server.origin).host }),
      body: "",
    },
  ]);
  expect(server.asked[0]?.headers).not.toHaveProperty("authorization");
});

test.each([
  ["library/busybox", "1.0_a-B", "/v2/namespaces/library/repositories/busybox/tags/1.0_a-B"],
  ["a.b/c__d-e", "x", "/v2/namespaces/a.b/repositories/c__d-e/tags/x"],
  ["acme/chain", "a/b?c#d", "/v2/namespaces/acme/repositories/chain/tags/a%2Fb%3Fc%23d"],
  ["acme/chain", "a%2Fb", "/v2/namespaces/acme/repositories/chain/tags/a%252Fb"],
  ["ac?me/ch#ain", "é", "/v2/namespaces/ac%3Fme/repositories/ch%23ain/tags/%C3%A9"],
])("the tag of %s:%s is asked for by %s", async (repository, tag, path) => {
  server.answer = answering(404);
  await lookUp({ repository, tag });
  expect(server.asked.map((asked) => asked.path)).toEqual([path]);
});

test.each([
  ["2026-11-20T03:00:07Z", "pushed"],
  ["2026-11-20T03:00:07.000000Z", "pushed"],
  ["2026-11-20T03:00:06.999999Z", "notPushed"],
  ["2026-11-20T03:00:06Z", "notPushed"],
  ["2026-11-20T04:00:07+01:00", "pushed"],
  ["2026-11-20T03:00:07+01:00", "notPushed"],
  ["0001-01-01T00:00:00Z", "notPushed"],
])("a push at %s counts by its whole second: %s", async (instant, kind) => {
  server.answer = pushed(instant);
  expect(await lookUp()).toEqual({ kind });
});

test.each([
  "",
  "{",
  "null",
  "[]",
  "5",
  '"2026-11-20T04:00:00Z"',
  "<html>",
  "{}",
  '{"tag_last_pushed":null}',
  '{"tag_last_pushed":1795147200}',
  '{"tag_last_pushed":["2026-11-20T04:00:00Z"]}',
  '{"__proto__":{"tag_last_pushed":"2026-11-20T04:00:00Z"}}',
  '{"tag_last_pushed":""}',
])("a document of %j tells nothing", async (text) => {
  server.answer = answering(200, text);
  expect(await lookUp()).toEqual(notTold);
});

test("a document too large to be read tells nothing", async () => {
  server.answer = pushed("2026-11-20T04:00:00Z", "x".repeat(100_000));
  expect(await lookUp()).toEqual(notTold);
});

test.each([
  ["5", 5_000],
  ["0.5", 500],
  ["Fri, 20 Nov 2026 05:00:30 GMT", 30_000],
  ["Fri, 20 Nov 2026 04:00:00 GMT", 0],
  ["retry 5", null],
])("a Retry-After of %s on a 429 is told as %j ms", async (value, retryAfterMs) => {
  server.answer = answering(429, "", { "retry-after": value });
  expect(await lookUp()).toEqual(unknown("Docker Hub answered 429", retryAfterMs));
  expect(server.asked).toHaveLength(1);
});

test.each([204, 301, 307, 400, 401, 403, 410, 500, 502, 503])(
  "an answer of %i tells nothing of the tag",
  async (status) => {
    server.answer = answering(status, "", status === 301 ? { location: `${server.origin}/moved` } : {});
    expect(await lookUp()).toEqual(unknown(`Docker Hub answered ${status}`));
    expect(server.asked).toHaveLength(1);
  },
);

const half = (response: ServerResponse) => {
  response.writeHead(200, { "content-length": "1000" }).write('{"tag_last_pushed":"2026-11-20T04:00:00Z"');
  setTimeout(() => response.socket?.destroy(), 20);
};
test.each([
  ["cut", cutting, /^the connection broke \(\w+\)$/],
  ["silent", staying, /^no answer in time$/],
  ["cut in the middle of the answer", half, /^Docker Hub did not tell when the tag was pushed$/],
])("a connection that is %s tells nothing", async (_what, answer, reason) => {
  server.answer = answer;
  expect(await lookUp()).toEqual(unknown(expect.stringMatching(reason)));
});

test("a Docker Hub that cannot be reached tells nothing", async () => {
  const closed = await startAnyServer();
  await closed.close();
  expect(await lookUp(image, since, closed.origin)).toEqual(unknown("the connection was refused"));
});
