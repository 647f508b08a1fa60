import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { realOrigins } from "../../../../shared/outgoing/origins.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import { createLookUpTag } from "../../../../shared/registries/dockerhub/look-up-tag.ts";
import {
  type AnyServer,
  answering,
  cutting,
  startAnyServer,
  staying,
} from "../../../stand-ins/any-server.ts";
import { withShortTimeout } from "../../../stand-ins/short-timeout.ts";

const now = Date.UTC(2026, 10, 20, 5);
const date = new Date(now).toUTCString();
const image = { repository: "acme/chain", tag: "latest" };
const tagPath = "/v2/namespaces/acme/repositories/chain/tags/latest";
const repositoryPath = "/v2/namespaces/acme/repositories/chain";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
});
afterAll(() => server.close());

const send = createSend();
const createLookUp = (hub = server.origin, clock = () => now) =>
  createLookUpTag({
    send: withShortTimeout(send),
    origins: { ...realOrigins, hub },
    clock,
    readLogin: async () => null,
  });
const lookUp = (of = image, hub = server.origin) => createLookUp(hub)(of);
const pushed = (tag_last_pushed: unknown, last_updated?: unknown, headers = { date }) =>
  answering(200, JSON.stringify({ tag_last_pushed, last_updated, images: null, digest: null }), headers);
const unknown = (reason: string, retryAfterMs: number | null = null, requestSent = true) => ({
  kind: "unknown",
  reason,
  retryAfterMs,
  requestSent,
});
const noInstant = "Docker Hub did not report when the tag was pushed";
const at = (iso: string) => ({ kind: "pushed", at: Date.parse(iso), hubAt: Date.parse(iso) });
const paths = () => server.asked.map(({ path }) => path);

test("one request without a body or a login looks up the tag", async () => {
  server.answer = pushed("2026-11-20T04:00:00Z");
  expect(await lookUp()).toEqual(at("2026-11-20T04:00:00Z"));
  expect(server.asked).toEqual([
    {
      method: "GET",
      path: tagPath,
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
  ["library/busybox", "../x y", "/v2/namespaces/library/repositories/busybox/tags/..%2Fx%20y"],
  ["ac?me/ch#ain", "é", "/v2/namespaces/ac%3Fme/repositories/ch%23ain/tags/%C3%A9"],
])("%s:%s is looked up at %s", async (repository, tag, path) => {
  server.answer = pushed("2026-11-20T04:00:00Z");
  await lookUp({ repository, tag });
  expect(paths()).toEqual([path]);
});

test.each([
  [{ tag_last_pushed: "2026-11-20T03:00:01.123456Z" }, "2026-11-20T03:00:01.123Z"],
  [{ tag_last_pushed: "2026-11-20T04:00:07+01:00" }, "2026-11-20T03:00:07Z"],
  [{ tag_last_pushed: "0001-01-01T00:00:00Z" }, "0001-01-01T00:00:00Z"],
  [{ tag_last_pushed: null, last_updated: "2026-11-20T04:00:00Z" }, "2026-11-20T04:00:00Z"],
  [{ tag_last_pushed: "2026-11-20T02:00:00Z", last_updated: "2026-11-20T04:00:00Z" }, "2026-11-20T02:00:00Z"],
])("%j is a push at %s", async (document, instant) => {
  server.answer = answering(200, JSON.stringify(document), { date });
  expect(await lookUp()).toEqual(at(instant));
});

test.each([
  ["Fri, 20 Nov 2026 05:01:00 GMT", "2026-11-20T02:58:59.500Z"],
  ["Fri, 20 Nov 2026 04:59:00 GMT", "2026-11-20T03:00:59.500Z"],
  ["Fri, 20 Nov 2026 04:59:59 GMT", "2026-11-20T03:00:00.000Z"],
  ["yesterday", "2026-11-20T03:00:00.000Z"],
])("with Docker Hub's clock at %s, a push at its 03:00 was at %s by this clock", async (theirs, ours) => {
  server.answer = pushed("2026-11-20T03:00:00Z", undefined, { date: theirs });
  const hubAt = Date.parse("2026-11-20T03:00:00Z");
  expect(await lookUp()).toEqual({ kind: "pushed", at: Date.parse(ours), hubAt });
});

test.each(["null", "[]", "5", '"2026-11-20T04:00:00Z"', "{}", '{"tag_last_pushed":null}'])(
  "the answer %j is unreadable",
  async (text) => {
    server.answer = answering(200, text);
    expect(await lookUp()).toEqual({ kind: "unreadable", reason: noInstant });
  },
);

test.each([
  '{"tag_last_pushed":1795147200}',
  '{"tag_last_pushed":["2026-11-20T04:00:00Z"]}',
  '{"__proto__":{"tag_last_pushed":"2026-11-20T04:00:00Z"}}',
  '{"tag_last_pushed":""}',
  '{"tag_last_pushed":"yesterday"}',
])("the document %j is unreadable", async (text) => {
  server.answer = answering(200, text);
  expect(await lookUp()).toEqual({ kind: "unreadable", reason: noInstant });
});

test.each(["", "{", "<html>"])("the text %j is no answer, and a retry may help", async (text) => {
  server.answer = answering(200, text);
  expect(await lookUp()).toEqual(unknown(noInstant));
});

test("a document that is too large is no answer", async () => {
  server.answer = pushed("2026-11-20T04:00:00Z", "x".repeat(200_000));
  expect(await lookUp()).toEqual(unknown(noInstant));
});

const byPath =
  (tag: (response: ServerResponse) => void, repository: (response: ServerResponse) => void) =>
  (response: ServerResponse) =>
    (response.req.url === repositoryPath ? repository : tag)(response);

test("a tag that is not found is missing if its repository can be read", async () => {
  server.answer = byPath(answering(404, "{}"), answering(200, "{}"));
  expect(await lookUp()).toEqual({ kind: "missing" });
  expect(paths()).toEqual([tagPath, repositoryPath]);
});

test.each([401, 403, 404])(
  "a tag that is not found is unreadable if its repository answers %i",
  async (status) => {
    server.answer = byPath(answering(404, "{}"), answering(status, "{}"));
    expect(await lookUp()).toEqual({ kind: "unreadable", reason: `Docker Hub answered ${status}` });
  },
);

test("a tag that is not found is unknown while its repository gets no answer", async () => {
  server.answer = byPath(answering(404, "{}"), answering(429, "", { "retry-after": "30" }));
  expect(await lookUp()).toEqual(unknown("Docker Hub answered 429", 30_000));
});

test("an unreadable repository is looked up again after a minute, and others at once", async () => {
  let clock = now;
  const lookUpAt = createLookUp(server.origin, () => clock);
  server.answer = answering(403);
  await lookUpAt(image);
  clock += 59_999;
  expect(await lookUpAt({ ...image, tag: "other" })).toMatchObject({ kind: "unreadable" });
  expect(server.asked).toHaveLength(1);
  await lookUpAt({ repository: "acme/other", tag: "latest" });
  expect(server.asked).toHaveLength(2);
  clock += 1;
  server.answer = pushed("2026-11-20T04:00:00Z");
  expect(await lookUpAt(image)).toMatchObject({ kind: "pushed" });
});

test.each([
  ["5", 5_000],
  ["0.5", 500],
  ["Fri, 20 Nov 2026 05:00:30 GMT", 30_000],
  ["Fri, 20 Nov 2026 04:00:00 GMT", 0],
  ["retry 5", null],
])("a Retry-After of %s on a 429 means %j ms", async (value, retryAfterMs) => {
  server.answer = answering(429, "", { "retry-after": value });
  expect(await lookUp()).toEqual(unknown("Docker Hub answered 429", retryAfterMs));
  expect(server.asked).toHaveLength(1);
});

test.each([204, 301, 307, 400, 410, 500, 502, 503])(
  "an answer of %i leaves the tag unknown",
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
  ["cut in the middle of the answer", half, /^Docker Hub did not report when the tag was pushed$/],
])("a connection that is %s leaves the tag unknown", async (_what, answer, reason) => {
  server.answer = answer;
  expect(await lookUp()).toEqual(unknown(expect.stringMatching(reason)));
});

test("a Docker Hub that cannot be reached leaves the tag unknown, and no request left", async () => {
  const closed = await startAnyServer();
  await closed.close();
  expect(await lookUp(image, closed.origin)).toEqual(unknown("the connection was refused", null, false));
});

test("a request counts as sent if Docker Hub answered for the tag, but not for its repository", async () => {
  let sent = 0;
  const cutOff: typeof send = async (outgoing) => {
    sent += 1;
    return sent === 1 ? send(outgoing) : { kind: "unsent", reason: "the host was not found" };
  };
  server.answer = answering(404, "{}");
  const lookUpTag = createLookUpTag({
    send: cutOff,
    origins: { ...realOrigins, hub: server.origin },
    clock: () => now,
    readLogin: async () => null,
  });
  expect(await lookUpTag(image)).toEqual(unknown("the host was not found", null, true));
});
