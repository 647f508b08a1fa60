import { afterAll, beforeAll, expect, test } from "vitest";
import { createLookUpTag, type LookUpTag } from "../../../shared/docker-hub/look-up-tag.ts";
import { realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../../stand-ins/any-server.ts";

let server: AnyServer;
let lookUp: LookUpTag;
beforeAll(async () => {
  server = await startAnyServer();
  lookUp = createLookUpTag(createSend(), { ...realOrigins, hub: server.origin }, Date.now);
});
afterAll(() => server.close());

const since = Date.UTC(2026, 10, 20, 3, 0, 0, 500);
const image = { repository: "acme/chain", tag: "latest" };

test.each([
  [{ tag_last_pushed: "2026-11-20T03:00:01.123456Z" }, "pushed"],
  [{ tag_last_pushed: "2026-11-20T03:00:00Z" }, "pushed"],
  [{ tag_last_pushed: "2026-11-20T02:59:59.999Z" }, "notPushed"],
  [{ tag_last_pushed: null, last_updated: "2026-11-20T04:00:00Z" }, "pushed"],
  [{ tag_last_pushed: "2026-11-20T02:00:00Z", last_updated: "2026-11-20T04:00:00Z" }, "notPushed"],
  [{ tag_last_pushed: null, last_updated: null }, "unknown"],
  [{ tag_last_pushed: "yesterday" }, "unknown"],
  [{ tag_last_pushed: 5 }, "unknown"],
  [[], "unknown"],
])("a tag of %j was %s since", async (document, kind) => {
  server.answer = answering(200, JSON.stringify(document));
  expect((await lookUp(image, since)).kind).toBe(kind);
});

test("the tag is asked for where the tag API has it", async () => {
  server.answer = answering(404);
  await lookUp({ repository: "library/busybox", tag: "../x y" }, since);
  expect(server.asked.at(-1)).toMatchObject({
    method: "GET",
    path: "/v2/namespaces/library/repositories/busybox/tags/..%2Fx%20y",
  });
});

test("a tag that is not there was not pushed", async () => {
  server.answer = answering(404, "{}");
  expect(await lookUp(image, since)).toEqual({ kind: "notPushed" });
});

test.each([
  [401, {}, "Docker Hub answered 401", null],
  [429, { "retry-after": "30" }, "Docker Hub answered 429", 30_000],
  [500, {}, "Docker Hub answered 500", null],
  [302, { location: "https://example.org/" }, "Docker Hub answered 302", null],
])("an answer of %i tells nothing", async (status, headers, reason, retryAfterMs) => {
  server.answer = answering(status, "{}", headers);
  expect(await lookUp(image, since)).toEqual({ kind: "unknown", reason, retryAfterMs });
});

test("broken JSON and a broken connection tell nothing", async () => {
  server.answer = answering(200, "{");
  expect(await lookUp(image, since)).toMatchObject({ kind: "unknown" });
  server.answer = cutting;
  expect(await lookUp(image, since)).toMatchObject({ kind: "unknown" });
});
