import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { gotify, gotifyMessage } from "../../../../shared/channels/gotify/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { channelContext, failure } from "../../../stand-ins/notices.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, "{}");
});
afterAll(() => server.close());

const send = (secret = "GOTIFY_TOKEN") =>
  gotify.send(
    { url: `${server.origin}/gotify/`, secret },
    failure,
    channelContext({ GOTIFY_TOKEN: "A-token-9" }),
  );

test("a failure is an urgent message in plain text that opens the run", async () => {
  expect(await send()).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([
    { method: "POST", path: "/gotify/message", headers: { "x-gotify-key": "A-token-9" } },
  ]);
  expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({
    title: "void-docker failed",
    message:
      "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)\nNot built because of that: step-2, latest.",
    priority: 8,
    extras: {
      "client::display": { contentType: "text/plain" },
      "client::notification": { click: { url: failure.url } },
    },
  });
});

test("other notices are less urgent, and the channel's own priority applies to all", () => {
  expect(gotifyMessage({ ...failure, subject: "succeeded" })).toMatchObject({ priority: 5 });
  expect(gotifyMessage(failure, 2)).toMatchObject({ priority: 2 });
});

test.each([
  [401, "it refused the token"],
  [404, "there is no Gotify at this address"],
])("%i needs somebody's attention: %s", async (status, reason) => {
  server.answer = answering(status, JSON.stringify({ errorDescription: "A-token-9" }));
  const delivery = await send();
  expect(delivery).toMatchObject({ reason: expect.stringContaining(reason), needsAttention: true });
  expect(JSON.stringify(delivery)).not.toContain("token-9");
});

test("a missing secret is named", async () => {
  expect(await send("OTHER")).toMatchObject({ reason: "the secret OTHER is missing", needsAttention: true });
});
