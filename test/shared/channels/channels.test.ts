import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createChannels,
  createSimulatedChannels,
  originsOfChannels,
  secretsOfChannel,
} from "../../../shared/channels/channels.ts";
import type { ChannelName } from "../../../shared/channels/settings.ts";
import { compileConfig } from "../../../shared/config/compile.ts";
import type { ChannelContext } from "../../../shared/kinds/channel.ts";
import { createLog } from "../../../shared/log.ts";
import { allowHosts, realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../../stand-ins/any-server.ts";
import { channelContext, failure } from "../../stand-ins/notices.ts";

const configs = (channels: Record<string, unknown>) =>
  compileConfig({ channels, pipelines: { p: { sequence: ["acme/p:1"] } } }).channels;
const settings: Record<ChannelName, Record<string, unknown>[]> = {
  slack: [{ secret: "SLACK_URL" }],
  discord: [{ secret: "DISCORD_URL" }],
  teams: [{ secret: "TEAMS_URL" }],
  telegram: [{ secret: "BOT_TOKEN", chat: "@acme_ops" }],
  matrix: [{ url: "https://matrix.example.org", room: "!ops:example.org", secret: "MATRIX_TOKEN" }],
  ntfy: [{ topicSecret: "NTFY_TOPIC", secret: "NTFY_TOKEN" }],
  gotify: [{ url: "https://gotify.example.org", secret: "GOTIFY_TOKEN" }],
  pushover: [{ secret: "PUSHOVER_TOKEN", userSecret: "PUSHOVER_USER" }],
  smtp: [
    {
      host: "smtp.example.org",
      from: "a@example.org",
      to: "b@example.org",
      username: "relay",
      secret: "MAIL_PASSWORD",
    },
  ],
  sns: [{}],
  eventbridge: [{}],
  webhook: [
    { url: "https://ops.example.org:8443/tagrelay", secret: "OPS_TOKEN" },
    { url: "https://ops.example.org/tagrelay" },
  ],
};
const everyKind = configs(
  Object.fromEntries(
    Object.entries(settings).flatMap(([kind, all]) =>
      all.map((one, place) => [`${kind}-${place}`, { [kind]: one }]),
    ),
  ),
);

/** What a channel of each kind sends to; none if it sends by other means than those that `allowHosts` limits. */
const addresses: Record<ChannelName, string[]> = {
  slack: ["https://hooks.slack.com/services/T/B/x"],
  discord: ["https://discord.com/api/webhooks/1/x"],
  teams: [
    "https://prod-1.westus.logic.azure.com:443/workflows/x",
    "https://default01.02.environment.api.powerplatform.com:443/powerautomate/x",
  ],
  telegram: ["https://api.telegram.org/bot1:a/sendMessage"],
  matrix: ["https://matrix.example.org/_matrix/client/v3/rooms/x"],
  ntfy: ["https://ntfy.sh/"],
  gotify: ["https://gotify.example.org/message"],
  pushover: ["https://api.pushover.net/1/messages.json"],
  smtp: [],
  sns: [],
  eventbridge: [],
  webhook: ["https://ops.example.org:8443/tagrelay"],
};

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200);
});
afterAll(() => server.close());

const notify = (channels: Record<string, unknown>, context: ChannelContext) =>
  createChannels(configs(channels), context).get("ops")?.send(failure);

test("channels need the secrets that they name", () => {
  expect(everyKind.flatMap(secretsOfChannel)).toEqual([
    ...["SLACK_URL", "DISCORD_URL", "TEAMS_URL", "BOT_TOKEN", "MATRIX_TOKEN", "NTFY_TOPIC", "NTFY_TOKEN"],
    ...["GOTIFY_TOKEN", "PUSHOVER_TOKEN", "PUSHOVER_USER", "MAIL_PASSWORD", "OPS_TOKEN"],
  ]);
});

describe("a channel may send to", () => {
  const mayConnect = (address: string) =>
    allowHosts(realOrigins, originsOfChannels(everyKind))(new URL(address));

  test.each(Object.values(addresses).flat())("its own host: %s", (address) => {
    expect(mayConnect(address)).toBe(true);
  });

  test.each([
    "http://hooks.slack.com/services/T/B/x",
    "https://hooks.slack.com.evil.example/x",
    "https://evil.example/hooks.slack.com",
    "https://logic.azure.com/x",
    "https://evil-logic.azure.com/x",
    "https://x.logic.azure.com:8443/x",
    "http://x.logic.azure.com/x",
    "https://x.logic.azure.com.evil.example/x",
    "https://ops.example.org:9/x",
    "https://10.0.0.1/x",
    "http://169.254.169.254/latest/meta-data",
  ])("no other host: %s", (address) => {
    expect(mayConnect(address)).toBe(false);
  });

  test("no host at all if no channel is configured", () => {
    expect(allowHosts(realOrigins)(new URL("https://hooks.slack.com/services/T/B/x"))).toBe(false);
  });
});

describe("a secret that is not a URL of the right service", () => {
  test.each(["slack", "discord", "teams"])("gets no request, and is not shown: %s", async (kind) => {
    for (const secret of [
      "https://169.254.169.254/token-9",
      "https://example.org/token-9",
      "http://10.0.0.1/token-9",
      "token-9",
      "https://hooks.slack.com@example.org/token-9",
    ]) {
      const delivery = await notify(
        { ops: { [kind]: { secret: "OPS_URL" } } },
        channelContext({ OPS_URL: secret }),
      );
      expect(delivery).toMatchObject({ kind: "failed", needsAttention: true });
      expect(JSON.stringify(delivery)).toMatch(
        /expected the URL of .* in OPS_URL, found something else \(not shown\)/,
      );
      expect(JSON.stringify(delivery)).not.toContain("token-9");
    }
  });

  test("is also stopped by the check of allowed hosts", async () => {
    const send = createSend(allowHosts(realOrigins, ["https://discord.com"]));
    const context = { ...channelContext({ OPS_URL: "https://hooks.slack.com/services/T/B/x" }), send };
    expect(await notify({ ops: { slack: { secret: "OPS_URL" } } }, context)).toMatchObject({
      reason: "could not reach Slack: the configuration does not name its host",
    });
  });

  test("is named if it is missing", async () => {
    expect(await notify({ ops: { slack: { secret: "OPS_URL" } } }, channelContext({}))).toEqual({
      kind: "failed",
      reason: "the secret OPS_URL is missing",
      retryAfterMs: null,
      needsAttention: true,
    });
  });

  test("is an ordinary failure if it cannot be read", async () => {
    const readSecret = async () => Promise.reject(new Error("token-9 cannot be decrypted"));
    const delivery = await notify(
      { ops: { slack: { secret: "OPS_URL" } } },
      { ...channelContext({}), readSecret },
    );
    expect(delivery).toMatchObject({ reason: "the notice could not be prepared (Error)" });
  });
});

describe("a channel that", () => {
  const ops = () => {
    let now = 0;
    const context = { ...channelContext({ OPS_URL: `${server.origin}/x` }), clock: () => now };
    const channel = createChannels(configs({ ops: { slack: { secret: "OPS_URL" } } }), context).get("ops");
    return { send: () => channel?.send(failure), at: (ms: number) => (now = ms), channel };
  };

  test("asks to wait is paused, and then used again", async () => {
    const { send, at } = ops();
    server.answer = answering(429, "", { "retry-after": "30" });
    await send();
    server.answer = answering(200);
    at(29_999);
    expect(await send()).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("paused until"),
    });
    expect(server.asked).toHaveLength(1);
    at(30_000);
    expect(await send()).toEqual({ kind: "delivered" });
  });

  test("asks to wait for a year is used again after an hour", async () => {
    const { send, at } = ops();
    server.answer = answering(503, "", { "retry-after": "31536000" });
    await send();
    server.answer = answering(200);
    at(3_600_000);
    expect(await send()).toEqual({ kind: "delivered" });
  });

  test("does not answer is paused for half a minute, so that not every sweep waits for it", async () => {
    const { send, at, channel } = ops();
    server.answer = cutting;
    expect(await send()).toMatchObject({ kind: "failed", needsAttention: false });
    server.answer = answering(200);
    at(29_000);
    await send();
    expect(server.asked).toHaveLength(1);
    // Somebody who tests the channel may have fixed it.
    expect(await channel?.send({ ...failure, subject: "test" })).toEqual({ kind: "delivered" });
    expect(await send()).toEqual({ kind: "delivered" });
  });
});

test("simulated channels of every kind only log their notices", async () => {
  const lines: string[] = [];
  const channels = createSimulatedChannels(
    everyKind,
    createLog((line) => void lines.push(line), Date.now),
  );
  for (const channel of channels.values()) expect(await channel.send(failure)).toEqual({ kind: "delivered" });
  expect(lines[0]).toContain('"text":"void-docker failed, step-1"');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject(
    Object.entries(settings).flatMap(([kind, all]) =>
      all.map((_one, place) => ({ event: "notice.simulated", channel: `${kind}-${place}`, kind })),
    ),
  );
});
