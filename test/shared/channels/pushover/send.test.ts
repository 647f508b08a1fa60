import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { pushover, pushoverMessage } from "../../../../shared/channels/pushover/send.ts";
import type { PushoverSettings } from "../../../../shared/channels/pushover/settings.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { at, contextAt, failure } from "../../../stand-ins/notices.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, JSON.stringify({ status: 1 }));
});
afterAll(() => server.close());

const send = (settings: Partial<PushoverSettings> = {}) =>
  pushover.send(
    { secret: "PUSHOVER_TOKEN", userSecret: "PUSHOVER_USER", ...settings },
    failure,
    contextAt("https://api.pushover.net", server.origin, {
      PUSHOVER_TOKEN: "token-9",
      PUSHOVER_USER: "user-9",
    }),
  );
const body = () => JSON.parse(server.asked[0]?.body ?? "");

test("a failure is a message with a link to the run", async () => {
  expect(await send()).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([{ method: "POST", path: "/1/messages.json" }]);
  expect(body()).toEqual({
    token: "token-9",
    user: "user-9",
    priority: 0,
    title: "void-docker failed",
    message:
      "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)\nNot built because of that: step-2, latest.",
    timestamp: at / 1_000,
    url: failure.url,
    url_title: "See what happened",
  });
});

test("the devices and the priority of the channel apply", async () => {
  await send({ device: "phone,tablet", priority: 1 });
  expect(body()).toMatchObject({ device: "phone,tablet", priority: 1 });
});

test("a URL that Pushover would refuse is left out", () => {
  expect(pushoverMessage({ ...failure, url: `https://a.example/${"x".repeat(512)}` })).not.toHaveProperty(
    "url",
  );
});

test("400 needs somebody's attention, and neither key is shown", async () => {
  server.answer = answering(
    400,
    JSON.stringify({ user: "invalid", errors: ["user-9 is invalid"], status: 0 }),
  );
  const delivery = await send();
  expect(delivery).toEqual({
    kind: "failed",
    reason:
      "Pushover answered 400: it rejected the message; check the application's token in PUSHOVER_TOKEN and the key in PUSHOVER_USER",
    retryAfterMs: null,
    needsAttention: true,
  });
});

test.each([["secret"], ["userSecret"]])("a missing secret is named: %s", async (name) => {
  expect(await send({ [name]: "OTHER" })).toMatchObject({ reason: "the secret OTHER is missing" });
});
