// Notices through the whole loop: real channel servers, the real engine, the log.
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Channel } from "../../../shared/channels/channels.ts";
import { apply } from "../../../shared/relay/apply.ts";
import { receivePushes } from "../../../shared/relay/receive-push.ts";
import { newRunId, type Relay } from "../../../shared/relay/relay.ts";
import { sendTestNotice } from "../../../shared/relay/send-notices.ts";
import { sweep } from "../../../shared/relay/sweep.ts";
import { type AnyServer, answering, startAnyServer, staying } from "../../stand-ins/any-server.ts";
import { until } from "../../stand-ins/program.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

const minute = 60_000;
const hour = 60 * minute;

let ops: AnyServer;
let dev: AnyServer;
let fixture: Fixture;
beforeEach(async () => {
  ops = await startAnyServer();
  dev = await startAnyServer();
  dev.answer = answering(204);
  fixture = await startFixture(
    {
      chain: { image: "acme/chain", retries: 0, timeout: "2h", stalledAfter: "20m", sequence: ["a", "b"] },
      follower: { image: "acme/follower", after: "chain", notify: { dev: ["succeeded"] }, sequence: ["a"] },
      quiet: { image: "acme/quiet", notify: [], sequence: ["a"] },
    },
    {},
    {
      channels: {
        ops: { slack: { secret: "OPS_URL" } },
        dev: { discord: { secret: "DEV_URL" }, on: ["failed", "stalled", "recovered", "succeeded"] },
      },
      url: "https://tagrelay.example.org",
      secrets: {
        OPS_URL: `${ops.origin}/services/ops-token`,
        DEV_URL: `${dev.origin}/api/webhooks/dev-token`,
      },
    },
  );
});
afterEach(async () => {
  await fixture.stop();
  await ops.close();
  await dev.close();
});

const pipelineOf = (name: string) => {
  const pipeline = fixture.relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected the pipeline ${name}`);
  return pipeline;
};
function start(name = "chain", relay: Relay = fixture.relay) {
  const start = { cause: "manual", from: null } as const;
  const pipeline = pipelineOf(name);
  return apply(relay, pipeline, { kind: "runRequested", newRunId: newRunId(relay, pipeline), ...start });
}
const push = (tag: string, repository = "acme/chain") =>
  receivePushes(fixture.relay, [{ image: { repository, tag }, digest: null, pushedAt: null }]);
const stateOf = async (name = "chain") => (await fixture.relay.store.load(name)).state;
const sweepAfter = (ms: number) => {
  fixture.later(ms);
  return sweep(fixture.relay);
};
/** The first trigger is rejected with a 404. */
const fail = (relay?: Relay) => {
  fixture.hub.answerNext({ status: 404 });
  return start("chain", relay);
};
const answeringInTurn = (...answers: ((response: ServerResponse) => void)[]) => {
  return (response: ServerResponse) => (answers.shift() ?? answering(200, "ok"))(response);
};
const titlesOf = ({ asked }: AnyServer): string[] =>
  asked.map(({ body }) => {
    const { text, embeds } = JSON.parse(body);
    return text ?? embeds[0].title;
  });
const logged = (event: string) =>
  fixture.logLines.map((line) => JSON.parse(line)).filter((entry) => entry.event === event);

describe("a channel that fails twice", () => {
  test("gets the notice in the end, once; neither the other channel nor the run waits for it", async () => {
    ops.answer = answeringInTurn(answering(500, "rollup_error"), answering(429, "", { "retry-after": "20" }));
    await fail();
    expect(titlesOf(dev)).toEqual(["chain failed"]);
    expect((await stateOf()).run).toMatchObject({ status: "failed" });
    expect((await stateOf()).outbox).toMatchObject([{ channel: "ops" }]);

    await sweepAfter(minute);
    expect(ops.asked).toHaveLength(2);
    await sweepAfter(2 * minute);
    expect(ops.asked).toHaveLength(3);
    expect((await stateOf()).outbox).toEqual([]);
    expect(logged("notice.sent")).toMatchObject([{ channel: "dev" }, { channel: "ops", attempts: 3 }]);
    expect(logged("notice.failed").map(({ level, reason }) => [level, reason])).toEqual([
      ["warn", "Slack answered 500"],
      ["warn", "Slack answered 429"],
    ]);

    // Nothing is sent again.
    await sweepAfter(24 * hour);
    expect([ops.asked.length, dev.asked.length]).toEqual([3, 1]);
  });
});

test("nothing waits for a channel that does not answer: the next pipeline has been started", async () => {
  dev.answer = staying;
  await start();
  await push("a");
  const last = push("b");
  await until(() => dev.asked.length === 1, "the notice is sent");
  expect((await stateOf("follower")).run).toMatchObject({ status: "running" });
  expect(fixture.hub.tags()).toEqual(["a", "b", "a"]);
  expect((await stateOf()).outbox).toMatchObject([{ kind: "notify", channel: "dev" }]);
  // Docker Hub's webhook is answered within a few seconds.
  expect(await last).toMatchObject([{ outcome: { kind: "advanced" } }]);
  expect(logged("notice.failed")).toMatchObject([{ reason: "Discord: no answer in time" }]);
});

test("a deleted webhook logs an error with the remedy, and does not stop the other channel", async () => {
  ops.answer = answering(404, "no_service");
  await fail();
  expect(titlesOf(dev)).toEqual(["chain failed"]);
  expect(logged("notice.failed")).toMatchObject([
    {
      level: "error",
      channel: "ops",
      notice: "runFailed",
      pipeline: "chain",
      reason:
        "Slack answered 404: the webhook no longer exists; create a new one in Slack and put its URL into OPS_URL",
    },
  ]);
});

test("a channel that always fails is given up after a day", async () => {
  ops.answer = answering(404, "no_service");
  await fail();
  for (let turn = 0; turn < 30; turn += 1) await sweepAfter(hour);
  expect((await stateOf()).outbox).toEqual([]);
  const { length } = ops.asked;
  expect(length).toBeGreaterThan(10);
  expect(length).toBeLessThan(40);
});

test("a failure, its recovery and the next success each reach the channels that subscribe to them", async () => {
  await fail();
  await start();
  await push("a");
  await push("b");
  await start();
  await push("a");
  await push("b");
  expect(titlesOf(ops)).toEqual(["chain failed", "chain recovered"]);
  expect(titlesOf(dev)).toEqual(["chain failed", "chain recovered", "chain succeeded"]);
  const [, { embeds } = { embeds: [] }] = dev.asked.map(({ body }) => JSON.parse(body));
  const { id } = (await fixture.relay.store.listRuns("chain", 10, null)).runs[1] ?? { id: "" };
  expect(embeds[0].url).toBe(`https://tagrelay.example.org/runs/${id}`);
});

test("a stall is reported once, and a success after it is a recovery", async () => {
  await start();
  await sweepAfter(21 * minute);
  await sweepAfter(20 * minute);
  await push("a");
  await push("b");
  expect(titlesOf(ops)).toEqual(["chain is stalled", "chain recovered"]);
});

test("a pipeline notifies the channels that it names, of the events that it names; with an empty list it notifies none", async () => {
  await start("follower");
  await push("a", "acme/follower");
  expect([titlesOf(ops), titlesOf(dev)]).toEqual([[], ["follower succeeded"]]);
  fixture.hub.answerNext({ status: 404 });
  await start("quiet");
  expect((await stateOf("quiet")).run).toMatchObject({ status: "failed" });
  expect([ops.asked.length, dev.asked.length]).toEqual([0, 1]);
});

test("a crash between sending and saving repeats a notice rather than losing it", async () => {
  const channel = fixture.relay.channels.get("ops");
  const dying: Channel = {
    name: "ops",
    send: async (notice) => {
      await channel?.send(notice);
      return new Promise(() => undefined);
    },
  };
  const relay = { ...fixture.relay, channels: new Map([...fixture.relay.channels, ["ops", dying]]) };
  void fail(relay);
  await until(() => ops.asked.length === 1, "the notice is sent");
  await sweepAfter(minute);
  expect(titlesOf(ops)).toEqual(["chain failed", "chain failed"]);
  expect((await stateOf()).outbox).toEqual([]);
});

test("a notice for a channel that is no longer configured is dropped, and the log says so", async () => {
  ops.answer = answering(500);
  await fail();
  const relay = { ...fixture.relay, channels: new Map() };
  fixture.later(minute);
  await sweep(relay);
  expect(logged("notice.dropped")).toMatchObject([{ channel: "ops", pipeline: "chain" }]);
  expect((await stateOf()).outbox).toEqual([]);
});

test("the log has one notice of its own, and no other line has the field that alarms count", async () => {
  await fail();
  expect(logged("notice")).toMatchObject([{ level: "error", subject: "runFailed", failed: "a" }]);
  expect(Object.keys(logged("notice")[0])).toEqual([
    "at",
    "level",
    "event",
    "subject",
    "pipeline",
    "run",
    "failed",
  ]);
  expect(fixture.logLines.filter((line) => line.includes('"subject"'))).toHaveLength(1);
});

test("no secret reaches the log, whatever a channel answers", async () => {
  for (const answer of [
    answering(404, "no_service: ops-token"),
    answering(302, "", { location: "/ops-token" }),
  ]) {
    ops.answer = answer;
    await fail();
    await start();
    await push("a");
    await push("b");
  }
  await sweepAfter(2 * minute);
  expect(logged("notice.failed").length).toBeGreaterThan(2);
  expect(fixture.logLines.join("")).not.toMatch(/ops-token|dev-token/);
});

describe("a test notice", () => {
  test("reaches the channel and reports that", async () => {
    expect(await sendTestNotice(fixture.relay, "ops")).toEqual({ kind: "delivered" });
    expect(titlesOf(ops)).toEqual(["Test of the channel ops"]);
    expect(dev.asked).toEqual([]);
  });

  test("reports why it was not delivered", async () => {
    ops.answer = answering(410, "channel_is_archived");
    expect(await sendTestNotice(fixture.relay, "ops")).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("Slack answered 410"),
    });
  });

  test("for an unknown channel is null", async () => {
    expect(await sendTestNotice(fixture.relay, "opps")).toBeNull();
  });
});
