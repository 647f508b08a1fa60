import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ntfy, ntfyMessage } from "../../../../shared/channels/ntfy/send.ts";
import type { NtfySettings } from "../../../../shared/channels/ntfy/settings.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { channelContext, failure, saying } from "../../../stand-ins/notices.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, "{}");
});
afterAll(() => server.close());

const send = (settings: NtfySettings) =>
  ntfy.send(
    { url: server.origin, ...settings },
    failure,
    channelContext({ NTFY_TOKEN: "tk_9", NTFY_TOPIC: "hard-to-guess\n" }),
  );
const body = () => JSON.parse(server.asked[0]?.body ?? "");

test("a failure is an urgent message that opens the run", async () => {
  expect(await send({ topic: "ops", secret: "NTFY_TOKEN" })).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([
    { method: "POST", path: "/", headers: { authorization: "Bearer tk_9" } },
  ]);
  expect(body()).toEqual({
    topic: "ops",
    title: "void-docker failed",
    message:
      "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)\nNot built because of that: step-2, latest.",
    tags: ["red_circle"],
    priority: 4,
    click: "https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1",
  });
});

test("a topic can be a secret, and needs no token", async () => {
  await send({ topicSecret: "NTFY_TOPIC" });
  expect(body()).toMatchObject({ topic: "hard-to-guess" });
  expect(server.asked[0]?.headers).not.toHaveProperty("authorization");
});

test.each([[{ topicSecret: "OTHER" }], [{ topic: "ops", secret: "OTHER" }]])(
  "a missing secret is named: %j",
  async (settings) => {
    expect(await send(settings)).toMatchObject({
      reason: "the secret OTHER is missing",
      needsAttention: true,
    });
    expect(server.asked).toEqual([]);
  },
);

test("a recovery is less urgent, and the channel's own priority applies to all", () => {
  expect(ntfyMessage({ ...failure, subject: "recovered" })).toMatchObject({
    priority: 3,
    tags: ["green_circle"],
  });
  expect(ntfyMessage(failure, 5)).toMatchObject({ priority: 5 });
});

test("a long text stays a message: it is cut between lines before 4,096 bytes", () => {
  const { message } = ntfyMessage(saying(...Array.from({ length: 30 }, () => "€".repeat(5_000))));
  expect(Buffer.byteLength(message)).toBeLessThan(4_096);
  expect(message.split("\n").length).toBeGreaterThan(2);
});

test('a notice without text says its title, not ntfy\'s "triggered"', () => {
  expect(ntfyMessage({ ...failure, steps: [], remarks: [] })).toMatchObject({
    message: "void-docker failed",
  });
});

test("403 says that the topic needs another token", async () => {
  server.answer = answering(403, JSON.stringify({ code: 40301, http: 403, error: "forbidden" }));
  expect(await send({ topic: "ops" })).toMatchObject({
    reason: expect.stringContaining("answered 403: the topic may not be written to with this access token"),
    needsAttention: true,
  });
});

test("its rate limit is not permanent", async () => {
  server.answer = answering(429, JSON.stringify({ code: 42901, http: 429 }));
  expect(await send({ topic: "ops" })).toMatchObject({ kind: "failed", needsAttention: false });
});
