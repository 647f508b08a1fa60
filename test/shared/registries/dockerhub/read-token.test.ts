import { afterEach, beforeEach, expect, test } from "vitest";
import { realOrigins } from "../../../../shared/outgoing/origins.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import { createLookUps } from "../../../../shared/registries/look-up.ts";
import { type AnyServer, startAnyServer } from "../../../stand-ins/any-server.ts";

const image = { repository: "acme/private", tag: "1" };
let hub: AnyServer;
let now = 0;
let login: unknown;
beforeEach(async () => {
  hub = await startAnyServer();
  login = { access_token: "jwt" };
  hub.answer = (response) =>
    void response.end(
      JSON.stringify(
        hub.asked.at(-1)?.path === "/v2/auth/token" ? login : { tag_last_pushed: "2026-11-20T03:00:00Z" },
      ),
    );
});
afterEach(() => hub.close());

const lookUps = () =>
  createLookUps({
    send: createSend(),
    origins: { ...realOrigins, hub: hub.origin },
    clock: () => now,
    readLogin: async () => ({ username: "acme", password: "pat" }),
  });

test("a tag of a private repository is looked up with a login, which is kept for some minutes", async () => {
  const { lookUpTag } = lookUps();
  expect(await lookUpTag(image)).toMatchObject({ kind: "pushed" });
  await lookUpTag(image);
  expect(hub.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /v2/auth/token",
    "GET /v2/namespaces/acme/repositories/private/tags/1",
    "GET /v2/namespaces/acme/repositories/private/tags/1",
  ]);
  expect(JSON.parse(hub.asked[0]?.body ?? "")).toEqual({ identifier: "acme", secret: "pat" });
  expect(hub.asked[2]?.headers.authorization).toBe("Bearer jwt");
  now += 5 * 60_000;
  await lookUpTag(image);
  expect(hub.asked).toHaveLength(5);
});

test("after a failed login, tags are looked up without one", async () => {
  login = { access_token: "two\r\nlines" };
  const { lookUpTag } = lookUps();
  expect(await lookUpTag(image)).toMatchObject({ kind: "pushed" });
  await lookUpTag(image);
  expect(hub.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, undefined]);
});
