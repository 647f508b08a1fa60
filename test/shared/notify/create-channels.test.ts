import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/core/compile.ts";
import { createLog } from "../../../shared/log/log.ts";
import type { ChannelContext } from "../../../shared/notify/channel.ts";
import {
  createChannels,
  createSimulatedChannels,
  originsOfChannels,
  secretsOfChannel,
} from "../../../shared/notify/create-channels.ts";
import { namedBy, realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../../stand-ins/any-server.ts";
import { channelContext, failure } from "../../stand-ins/notices.ts";

const configs = (channels: Record<string, unknown>) =>
  compileConfig({ channels, pipelines: { p: { sequence: ["acme/p:1"] } } }).channels;
const everyKind = configs({
  slack: { slack: { secret: "SLACK_URL" } },
  discord: { discord: { secret: "DISCORD_URL" } },
  teams: { teams: { secret: "TEAMS_URL" } },
  sns: { sns: {} },
  signed: { webhook: { url: "https://ops.example.org:8443/tagrelay", secret: "OPS_TOKEN" } },
  unsigned: { webhook: { url: "https://ops.example.org/tagrelay" } },
});

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200);
});
afterAll(() => server.close());

const tell = (channels: Record<string, unknown>, context: ChannelContext) =>
  createChannels(configs(channels), context).get("ops")?.send(failure);

test("the secrets of channels are those that they name", () => {
  expect(everyKind.flatMap(secretsOfChannel)).toEqual(["SLACK_URL", "DISCORD_URL", "TEAMS_URL", "OPS_TOKEN"]);
});

describe("a channel may ask", () => {
  const mayAsk = (address: string) => namedBy(realOrigins, originsOfChannels(everyKind))(new URL(address));

  test.each([
    "https://hooks.slack.com/services/T/B/x",
    "https://discord.com/api/webhooks/1/x",
    "https://prod-1.westus.logic.azure.com:443/workflows/x",
    "https://default01.02.environment.api.powerplatform.com:443/powerautomate/x",
    "https://ops.example.org:8443/tagrelay",
  ])("its own host: %s", (address) => {
    expect(mayAsk(address)).toBe(true);
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
  ])("no other: %s", (address) => {
    expect(mayAsk(address)).toBe(false);
  });

  test("none at all where no channel is configured", () => {
    expect(namedBy(realOrigins)(new URL("https://hooks.slack.com/services/T/B/x"))).toBe(false);
  });
});

describe("a secret that is not the address it has to be", () => {
  test.each(["slack", "discord", "teams"])("is not asked, and not shown: %s", async (kind) => {
    for (const secret of [
      "https://169.254.169.254/token-9",
      "https://example.org/token-9",
      "http://10.0.0.1/token-9",
      "token-9",
      "https://hooks.slack.com@example.org/token-9",
    ]) {
      const told = await tell(
        { ops: { [kind]: { secret: "OPS_URL" } } },
        channelContext({ OPS_URL: secret }),
      );
      expect(told).toMatchObject({ kind: "refused", isForPeople: true });
      expect(JSON.stringify(told)).toMatch(
        /expected the URL of .* in OPS_URL, found something else \(not shown\)/,
      );
      expect(JSON.stringify(told)).not.toContain("token-9");
    }
  });

  test("that is another's is refused by the guard, too", async () => {
    const send = createSend(namedBy(realOrigins, ["https://discord.com"]));
    const context = { ...channelContext({ OPS_URL: "https://hooks.slack.com/services/T/B/x" }), send };
    expect(await tell({ ops: { slack: { secret: "OPS_URL" } } }, context)).toMatchObject({
      reason: "Slack could not be asked: the configuration does not name its host",
    });
  });

  test("that is missing is told by its name", async () => {
    expect(await tell({ ops: { slack: { secret: "OPS_URL" } } }, channelContext({}))).toEqual({
      kind: "refused",
      reason: "the secret OPS_URL is missing",
      retryAfterMs: null,
      isForPeople: true,
    });
  });

  test("that cannot be read is a failure like any other", async () => {
    const readSecret = async () => Promise.reject(new Error("token-9 cannot be decrypted"));
    const told = await tell({ ops: { slack: { secret: "OPS_URL" } } }, { ...channelContext({}), readSecret });
    expect(told).toMatchObject({ reason: "the notice could not be prepared (Error)" });
  });
});

describe("a channel that", () => {
  const ops = () => {
    let now = 0;
    const context = { ...channelContext({ OPS_URL: `${server.origin}/x` }), clock: () => now };
    const channel = createChannels(configs({ ops: { slack: { secret: "OPS_URL" } } }), context).get("ops");
    return { send: () => channel?.send(failure), at: (ms: number) => (now = ms), channel };
  };

  test("asks to be left alone is left alone, and then asked again", async () => {
    const { send, at } = ops();
    server.answer = answering(429, "", { "retry-after": "30" });
    await send();
    server.answer = answering(200);
    at(29_999);
    expect(await send()).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("is left alone until"),
    });
    expect(server.asked).toHaveLength(1);
    at(30_000);
    expect(await send()).toEqual({ kind: "taken" });
  });

  test("asks for a year is asked again after an hour", async () => {
    const { send, at } = ops();
    server.answer = answering(503, "", { "retry-after": "31536000" });
    await send();
    server.answer = answering(200);
    at(3_600_000);
    expect(await send()).toEqual({ kind: "taken" });
  });

  test("does not answer is left alone for half a minute, so that nobody waits for it again and again", async () => {
    const { send, at, channel } = ops();
    server.answer = cutting;
    expect(await send()).toMatchObject({ kind: "refused", isForPeople: false });
    server.answer = answering(200);
    at(29_000);
    await send();
    expect(server.asked).toHaveLength(1);
    // A person who tests it has mended it, perhaps.
    expect(await channel?.send({ ...failure, subject: "test" })).toEqual({ kind: "taken" });
    expect(await send()).toEqual({ kind: "taken" });
  });
});

test("simulated channels of every kind tell the log, and nobody else", async () => {
  const lines: string[] = [];
  const channels = createSimulatedChannels(
    everyKind,
    createLog((line) => void lines.push(line), Date.now),
  );
  for (const channel of channels.values()) expect(await channel.send(failure)).toEqual({ kind: "taken" });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: "notice.simulated", channel: "slack", kind: "slack", text: "void-docker has failed, step-1" },
    { channel: "discord", kind: "discord" },
    { channel: "teams", kind: "teams" },
    { channel: "sns", kind: "sns" },
    { channel: "signed", kind: "webhook" },
    { channel: "unsigned", kind: "webhook" },
  ]);
});
