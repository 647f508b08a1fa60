import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { discord, discordMessage } from "../../../../shared/channels/discord/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { channelContext, failure, saying } from "../../../stand-ins/notices.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(204);
});
afterAll(() => server.close());

const send = () =>
  discord.send(
    { secret: "DEV_URL" },
    failure,
    channelContext({ DEV_URL: `${server.origin}/api/webhooks/1/token-9` }),
  );

test("a failure is a red embed that links to the run and mentions nobody", async () => {
  expect(await send()).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([{ method: "POST", path: "/api/webhooks/1/token-9" }]);
  expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({
    embeds: [
      {
        title: "void-docker failed",
        description:
          "• step-1, after 2 attempts: GitHub Actions: failure (<https://github.com/a/b_c/actions/runs/1>)\nNot built because of that: step-2, latest.",
        color: 0xd32f2f,
        timestamp: "2026-11-21T03:00:00.000Z",
        url: "https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1",
      },
    ],
    allowed_mentions: { parse: [] },
  });
});

test("a reason stays text: no mention, no emoji, no mark-up, no disguised link", () => {
  const [embed] = discordMessage(
    saying("**a** <@1> @everyone `b` ||c|| [d](https://evil.example) \\"),
  ).embeds;
  expect(embed?.description).toContain(
    "\\*\\*a\\*\\* \\<@1\\> @everyone \\`b\\` \\|\\|c\\|\\| \\[d\\](<https://evil.example>) \\\\",
  );
});

test("many long reasons are cut between lines, and the consequences stay", () => {
  const [embed] = discordMessage(saying(...Array.from({ length: 30 }, () => "x".repeat(5_000)))).embeds;
  const lines = embed?.description?.split("\n") ?? [];
  expect(lines.filter((line) => line.startsWith("• step")).every((line) => line.endsWith("…"))).toBe(true);
  expect(lines.length).toBeGreaterThan(4);
  expect(lines.at(-1)).toBe("Not built because of that: step-2, latest.…");
});

test.each([
  [404, { message: "Unknown Webhook", code: 10015 }, "Discord answered 404: the webhook no longer exists"],
  [401, { message: "Invalid Webhook Token", code: 50027 }, "Discord answered 401: it rejected the webhook"],
  [400, { message: "Invalid Form Body", code: 50035 }, "Discord answered 400: it rejected the message"],
])("%i needs somebody's attention", async (status, body, reason) => {
  server.answer = answering(status, JSON.stringify(body));
  expect(await send()).toEqual({
    kind: "failed",
    reason: `${reason}; create a new one in Discord and put its URL into DEV_URL`,
    retryAfterMs: null,
    needsAttention: true,
  });
});

test("its rate limit says how long to wait", async () => {
  const body = { message: "You are being rate limited.", retry_after: 64.57, global: false };
  server.answer = answering(429, JSON.stringify(body), { "retry-after": "65" });
  expect(await send()).toMatchObject({ kind: "failed", retryAfterMs: 65_000, needsAttention: false });
});
