import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { slack, slackMessage } from "../../../../shared/channels/slack/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { channelContext, failure, saying } from "../../../stand-ins/notices.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, "ok");
});
afterAll(() => server.close());

const send = () =>
  slack.send(
    { secret: "OPS_URL" },
    failure,
    channelContext({ OPS_URL: `${server.origin}/services/T0/B0/token-9\n` }),
  );

test("a failure is a header, the failed steps with reasons, the consequences and a link", async () => {
  expect(await send()).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([
    { method: "POST", path: "/services/T0/B0/token-9", headers: { "content-type": "application/json" } },
  ]);
  const { text, blocks } = JSON.parse(server.asked[0]?.body ?? "");
  expect(text).toBe("void-docker failed");
  expect(blocks.map((block: ReturnType<typeof JSON.parse>) => block.text.text)).toEqual([
    ":red_circle: void-docker failed",
    "• step-1, after 2 attempts: GitHub Actions: failure (<https://github.com/a/b_c/actions/runs/1>)",
    "Not built because of that: step-2, latest.",
    "<https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1|See what happened>",
  ]);
});

test("a reason mentions nobody, and hides no link behind other text", () => {
  const reasons = ["<!channel> & <@U012AB3CD>", "<https://evil.example|Docker Hub>"];
  const text = JSON.stringify(slackMessage(saying(...reasons)).blocks);
  expect(text).toContain("&lt;!channel&gt; &amp; &lt;@U012AB3CD&gt;");
  expect(text).toContain("&lt;<https://evil.example>|Docker Hub&gt;");
});

// The errors in Slack's documentation.
test.each([
  [400, "invalid_payload", true],
  [403, "action_prohibited", true],
  [404, "no_service", true],
  [410, "channel_is_archived", true],
  [500, "rollup_error", false],
])("%i %s is retried later, and needs attention: %j", async (status, body, needsAttention) => {
  server.answer = answering(status, body);
  expect(await send()).toMatchObject({ kind: "failed", needsAttention });
});

test("a deleted webhook is reported with what to do", async () => {
  server.answer = answering(404, "no_service");
  expect(await send()).toMatchObject({
    reason:
      "Slack answered 404: the webhook no longer exists; create a new one in Slack and put its URL into OPS_URL",
  });
});

test("after more than a message per second, Slack says how long to wait", async () => {
  server.answer = answering(429, "rate_limited", { "retry-after": "30" });
  expect(await send()).toEqual({
    kind: "failed",
    reason: "Slack answered 429",
    retryAfterMs: 30_000,
    needsAttention: false,
  });
});
