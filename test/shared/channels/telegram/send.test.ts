import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { telegram, telegramMessage } from "../../../../shared/channels/telegram/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { channelContext, contextAt, failure, saying } from "../../../stand-ins/notices.ts";

const token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, JSON.stringify({ ok: true }));
});
afterAll(() => server.close());

const settings = { secret: "BOT_TOKEN", chat: -1001234567890 };
const send = (secret = token, topic?: number) =>
  telegram.send(
    { ...settings, ...(topic === undefined ? {} : { topic }) },
    failure,
    contextAt("https://api.telegram.org", server.origin, { BOT_TOKEN: secret }),
  );
const body = () => JSON.parse(server.asked[0]?.body ?? "");

test("a failure is one message with the steps and a link to the run", async () => {
  expect(await send()).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([{ method: "POST", path: `/bot${token}/sendMessage` }]);
  expect(body()).toEqual({
    chat_id: -1001234567890,
    text: [
      "🔴 <b>void-docker failed</b>",
      "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)",
      "Not built because of that: step-2, latest.",
      '<a href="https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1">See what happened</a>',
    ].join("\n"),
    parse_mode: "HTML",
    link_preview_options: { is_disabled: true },
  });
});

test("a topic of a group gets the message, if there is one", async () => {
  await send(token, 7);
  expect(body()).toMatchObject({ message_thread_id: 7 });
});

test("a reason stays text, and mentions nobody", () => {
  const { text } = telegramMessage(saying('<b>a</b> @acme_admin "b" & <a href="https://evil.example">c</a>'));
  expect(text).toContain("&lt;b&gt;a&lt;/b&gt; @\u2060acme_admin &quot;b&quot; &amp; &lt;a href=&quot;");
  expect(text.match(/<a /g)).toHaveLength(1);
});

test.each(["", "not-a-token", `${token}/../x`, `${token}?x=1`, "https://api.telegram.org/bot1:a"])(
  "a secret that is not a token gets no request, and is not shown: %j",
  async (secret) => {
    const delivery = await send(secret);
    expect(delivery).toMatchObject({ kind: "failed", needsAttention: true });
    if (secret !== "") expect(JSON.stringify(delivery)).not.toContain(secret);
    expect(server.asked).toEqual([]);
  },
);

test("a missing secret is named", async () => {
  expect(await telegram.send(settings, failure, channelContext({}))).toMatchObject({
    reason: "the secret BOT_TOKEN is missing",
  });
});

test.each([
  [400, "Bad Request: chat not found", /^Telegram answered 400: it rejected the message; check the bot's/],
  [401, "Unauthorized", /^Telegram answered 401: it refused the bot \(Unauthorized\); check/],
  [403, "Forbidden: bot was kicked from the group chat", /it refused the bot \(Forbidden: bot was kicked/],
  [404, "Not Found", /^Telegram answered 404: it knows no such bot \(Not Found\); check/],
])("%i %s needs somebody's attention, and the token is not shown", async (status, description, reason) => {
  server.answer = answering(status, JSON.stringify({ ok: false, error_code: status, description }));
  const delivery = await send();
  expect(delivery).toMatchObject({
    kind: "failed",
    reason: expect.stringMatching(reason),
    needsAttention: true,
  });
  expect(JSON.stringify(delivery)).not.toContain(token);
});

test("its rate limit says in the body how long to wait", async () => {
  const parameters = { retry_after: 35 };
  server.answer = answering(429, JSON.stringify({ ok: false, description: "Too Many Requests", parameters }));
  expect(await send()).toMatchObject({ retryAfterMs: 35_000, needsAttention: false });
});

test("an answer that is not JSON is told by its status", async () => {
  server.answer = answering(502, "<html>");
  expect(await send()).toMatchObject({ reason: "Telegram answered 502", needsAttention: false });
});
