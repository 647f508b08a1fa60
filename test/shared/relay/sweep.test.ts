import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { apply } from "../../../shared/relay/apply.ts";
import { receivePushes } from "../../../shared/relay/receive-push.ts";
import { createRelay, newRunId } from "../../../shared/relay/relay.ts";
import { sweep } from "../../../shared/relay/sweep.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

const minute = 60_000;
const hour = 60 * minute;

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture({
    chain: { image: "acme/chain", delay: "100s", timeout: "2h", retries: 1, sequence: ["a", "b"] },
    other: { image: "acme/other", sequence: ["a", "b"] },
  });
});
afterEach(() => fixture.stop());

const pipelineOf = (name: string) => {
  const pipeline = fixture.relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected the pipeline ${name}`);
  return pipeline;
};
async function start(name = "chain") {
  const pipeline = pipelineOf(name);
  const newRun = newRunId(fixture.relay, pipeline);
  await apply(fixture.relay, pipeline, {
    kind: "runRequested",
    newRunId: newRun,
    cause: "manual",
    from: null,
  });
  return newRun;
}
const push = (tag: string, repository = "acme/chain") =>
  receivePushes(fixture.relay, [{ image: { repository, tag }, digest: null, pushedAt: null }]);
const states = async (name = "chain") =>
  (await fixture.relay.store.load(name)).state.run?.steps.map(({ state }) => state);
const status = async (name = "chain") => (await fixture.relay.store.load(name)).state.run?.status;
const sweepAfter = (ms: number) => {
  fixture.later(ms);
  return sweep(fixture.relay);
};

describe("the sweep", () => {
  test("does nothing while nothing is due", async () => {
    expect(await sweep(fixture.relay)).toBe(0);
    await start();
    expect(await sweep(fixture.relay)).toBe(0);
    expect(fixture.hub.lookUps()).toBe(0);
  });

  test("triggers a delayed step when its delay is over", async () => {
    await start();
    await push("a");
    expect(await sweepAfter(99_000)).toBe(0);
    expect(fixture.hub.tags()).toEqual(["a"]);
    expect(await sweepAfter(1_000)).toBe(1);
    expect(fixture.hub.tags()).toEqual(["a", "b"]);
    expect(await states()).toEqual(["done", "building"]);
  });

  test("triggers once, even if several sweeps run at once", async () => {
    await start();
    await push("a");
    fixture.later(100_000);
    await Promise.all([sweep(fixture.relay), sweep(fixture.relay), sweep(fixture.relay)]);
    expect(fixture.hub.tags()).toEqual(["a", "b"]);
  });

  test("sends a refused trigger again after the requested wait", async () => {
    fixture.hub.answerNext(
      { status: 429, headers: { "retry-after": "30" } },
      { status: 200, body: "Ignored, build throttle" },
    );
    await start();
    expect(await states()).toEqual(["due", "waiting"]);
    await sweepAfter(29_000);
    expect(fixture.hub.tags()).toEqual(["a"]);
    await sweepAfter(3_000);
    expect(fixture.hub.tags()).toEqual(["a", "a"]);
    await sweepAfter(10_000);
    expect(fixture.hub.tags()).toEqual(["a", "a", "a"]);
    expect(await states()).toEqual(["building", "waiting"]);
  });

  test("looks up the tag before it triggers again, and does not trigger if the tag was pushed", async () => {
    fixture.hub.answerNext({ status: 500 });
    await start();
    fixture.hub.pushed.set("acme/chain:a", new Date().toISOString());
    await sweepAfter(10_000);
    expect(fixture.hub.lookUps()).toBe(1);
    expect(fixture.hub.tags()).toEqual(["a"]);
    expect(await states()).toEqual(["done", "due"]);
  });

  test("after a lost answer, triggers again only after a grace period and a look-up", async () => {
    fixture.hub.answerNext("cut");
    await start();
    expect(await states()).toEqual(["due", "waiting"]);
    await sweepAfter(59_000);
    expect(fixture.hub.lookUps()).toBe(0);
    await sweepAfter(1_000);
    expect(fixture.hub.lookUps()).toBe(1);
    expect(fixture.hub.tags()).toEqual(["a", "a"]);
  });

  test("makes up for a lost webhook", async () => {
    await start();
    fixture.hub.pushed.set("acme/chain:a", new Date().toISOString());
    await sweepAfter(15 * minute + 1_000);
    expect(await states()).toEqual(["done", "due"]);
  });

  test("retries a build that timed out, and fails the run when its retries are used up", async () => {
    await start();
    await sweepAfter(2 * hour + 1_000);
    expect(fixture.hub.tags()).toEqual(["a", "a"]);
    await sweepAfter(2 * hour + 1_000);
    expect(await status()).toBe("failed");
    expect(await states()).toEqual(["failed", "skipped"]);
    expect(fixture.logLines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({
        level: "error",
        event: "notice",
        subject: "runFailed",
        pipeline: "chain",
        failed: "a",
      }),
    );
    expect(await sweepAfter(hour)).toBe(0);
  });

  test("saves a start whose secret cannot be read, and tries the trigger again", async () => {
    const { builderContext } = fixture.relay;
    const unreadable = { ...builderContext, readSecret: () => Promise.reject(new Error("throttled")) };
    const relay = { ...fixture.relay, builderContext: unreadable };
    const event = { cause: "manual", from: null } as const;
    const newRun = newRunId(relay, pipelineOf("chain"));
    const { outcome } = await apply(relay, pipelineOf("chain"), {
      kind: "runRequested",
      newRunId: newRun,
      ...event,
    });
    expect(outcome.kind).toBe("advanced");
    expect(await states()).toEqual(["due", "waiting"]);
    await sweepAfter(10_000);
    expect(fixture.hub.tags()).toEqual(["a"]);
  });

  test("cancels the run of a pipeline that is no longer configured", async () => {
    await start();
    const { pipelines } = compileConfig({
      pipelines: { other: { image: "acme/other", sequence: ["a", "b"] } },
    });
    const redeployed = createRelay(pipelines, fixture.relay);
    fixture.later(16 * minute);
    expect(await sweep(redeployed)).toBe(1);
    expect(await status()).toBe("cancelled");
    expect(await sweep(redeployed)).toBe(0);
  });

  test("handles every due pipeline, even if some fail", async () => {
    await start("chain");
    await start("other");
    const broken = { ...fixture.relay, lookUpTag: () => Promise.reject(new Error("broken")) };
    fixture.later(16 * minute);
    expect(await sweep(broken)).toBe(2);
    const failed = fixture.logLines
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === "sweep.failed");
    expect(failed.map(({ pipeline }) => pipeline).sort()).toEqual(["chain", "other"]);
  });
});

describe("a sweep whose function ends soon", () => {
  const last20s = () => 20_000;
  const logged = () =>
    fixture.logLines.map((line) => JSON.parse(line)).filter(({ event }) => event === "sweep.left");
  const delayed = async () => {
    await start();
    await push("a");
    fixture.later(100_000);
  };

  test("claims no step, and leaves it to the next sweep", async () => {
    await delayed();
    expect(await sweep(fixture.relay, last20s)).toBe(1);
    expect(fixture.hub.tags()).toEqual(["a"]);
    expect(await states()).toEqual(["done", "due"]);
    expect(logged()).toMatchObject([{ pipelines: 1, of: 1 }]);
    await sweep(fixture.relay, () => 120_000);
    expect(fixture.hub.tags()).toEqual(["a", "b"]);
    expect(logged()).toHaveLength(1);
  });

  test("claims no step after a look-up that took until then", async () => {
    fixture.hub.answerNext({ status: 500 });
    await start();
    fixture.later(10_000);
    let remaining = 120_000;
    const { lookUpTag } = fixture.relay;
    const slow = {
      ...fixture.relay,
      lookUpTag: (image: Parameters<typeof lookUpTag>[0]) => {
        remaining = 20_000;
        return lookUpTag(image);
      },
    };
    await sweep(slow, () => remaining);
    expect(fixture.hub.lookUps()).toBe(1);
    expect(fixture.hub.tags()).toEqual(["a"]);
    await sweepAfter(30_000);
    expect(fixture.hub.tags()).toEqual(["a", "a"]);
  });

  test("still saves the answers to the triggers that it has sent", async () => {
    await delayed();
    let remaining = 120_000;
    const { readSecret } = fixture.relay.builderContext;
    const slow = {
      ...fixture.relay,
      builderContext: {
        ...fixture.relay.builderContext,
        readSecret: (name: string) => {
          remaining = 10_000;
          return readSecret(name);
        },
      },
    };
    await sweep(slow, () => remaining);
    expect(fixture.hub.tags()).toEqual(["a", "b"]);
    expect(await states()).toEqual(["done", "building"]);
  });

  test("does not wait for a registry that hangs", async () => {
    await start();
    const hanging = { ...fixture.relay, lookUpTag: () => new Promise<never>(() => undefined) };
    fixture.later(16 * minute);
    // It may claim when it begins, and has 200 ms until it has to answer.
    const remaining = [120_000];
    expect(await sweep(hanging, () => remaining.shift() ?? 2_200)).toBe(1);
    expect(logged()).toMatchObject([{ pipelines: 1, of: 1 }]);
  });
});
