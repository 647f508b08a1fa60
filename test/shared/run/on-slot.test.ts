import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { Event } from "../../../shared/run/event.ts";
import { wakeAtOf } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  failed,
  minute,
  play,
  pushed,
  refused,
  runId,
  second,
  started,
  statesOf,
  t0,
  tick,
} from "./story.ts";

const [limited] = compileConfig({
  accounts: { acme: { maxParallel: 2 } },
  pipelines: { p: { confirm: "webhook", retries: 0, sequence: ["acme/x:a", ["acme/x:b", "acme/x:c"]] } },
}).pipelines;
if (limited === undefined) throw new Error("expected a pipeline");
const pipeline = limited;

const a = "acme/x:a";
const about = (step: string) => ({ runId, step, account: "acme", since: t0 });
const acquired = (step: string): Event => ({ kind: "slotAcquired", ...about(step), requestedAt: t0 });
const available = (step: string): Event => ({ kind: "slotAvailable", ...about(step) });
const slotRefused = (step: string): Event => ({
  kind: "slotRefused",
  ...about(step),
  reason: "waiting: acme runs at most 2 builds at once",
  random: 0,
});

describe("a step of an account with maxParallel", () => {
  test("acquires a slot when it is due, before it is triggered", () => {
    const begun = play(pipeline, [[0, started()]]);
    expect(actionsOf(begun)).toEqual(["acquire acme for acme/x:a"]);
    expect(statesOf(begun)[a]).toBe("due");
    const triggered = decide(pipeline, begun.state, acquired(a), t0 + second);
    expect(actionsOf(triggered)).toEqual(["trigger acme/x:a 1"]);
  });

  test("requests a slot again if no answer comes, at intervals after a refusal, and when it is offered one", () => {
    const begun = play(pipeline, [[0, started()]]);
    expect(wakeAtOf(begun.state)).toBe(t0 + 30 * second);
    expect(actionsOf(decide(pipeline, begun.state, tick, t0 + 30 * second))).toEqual([
      "acquire acme for acme/x:a",
    ]);
    const waiting = decide(pipeline, begun.state, slotRefused(a), t0 + second);
    expect(waiting.actions).toEqual([]);
    expect(waiting.state.run?.steps[0]).toMatchObject({ state: "due", reason: /^waiting: acme/ });
    const wakeAt = wakeAtOf(waiting.state) ?? 0;
    expect(wakeAt).toBe(t0 + 31 * second);
    expect(actionsOf(decide(pipeline, waiting.state, tick, wakeAt))).toEqual(["acquire acme for acme/x:a"]);
    expect(actionsOf(decide(pipeline, waiting.state, available(a), t0 + 2 * second))).toEqual([
      "acquire acme for acme/x:a",
    ]);
  });

  test("keeps its slot while it is retried, and releases it when it is done, before others acquire theirs", () => {
    const story = [
      [0, started()],
      [second, acquired(a)],
      [2 * second, failed(a, refused)],
    ] as const;
    const again = play(pipeline, story);
    expect(again.state.run?.steps[0]).toMatchObject({
      state: "due",
      slot: { account: "acme", isHeld: true },
    });
    const done = decide(pipeline, again.state, pushed(a), t0 + 3 * second);
    expect(actionsOf(done)).toEqual([
      "release acme of acme/x:a",
      "acquire acme for acme/x:b",
      "acquire acme for acme/x:c",
    ]);
    expect(done.state.run?.steps[0]?.slot).toBeNull();
  });

  test("releases its slot, or its place in line, when the run is cancelled", () => {
    const held = play(pipeline, [
      [0, started()],
      [second, acquired(a)],
      [2 * second, accepted(a)],
    ]);
    expect(actionsOf(decide(pipeline, held.state, cancelled, t0 + minute))).toContain(
      "release acme of acme/x:a",
    );
    const waits = play(pipeline, [
      [0, started()],
      [second, slotRefused(a)],
    ]);
    expect(actionsOf(decide(pipeline, waits.state, cancelled, t0 + minute))).toContain(
      "release acme of acme/x:a",
    );
  });

  test("releases at once a slot, or an offer, that comes after the run ended", () => {
    const over = play(pipeline, [
      [0, started()],
      [second, cancelled],
    ]).state;
    for (const event of [acquired(a), slotRefused(a), available(a)]) {
      const late = decide(pipeline, over, event, t0 + minute);
      expect(late.state).toBe(over);
      expect(actionsOf(late)).toEqual(["release acme of acme/x:a"]);
    }
  });

  test("keeps its slot if the same answer or an offer comes again", () => {
    const held = play(pipeline, [
      [0, started()],
      [second, acquired(a)],
    ]).state;
    expect(decide(pipeline, held, acquired(a), t0 + 2 * second)).toMatchObject({ state: held, actions: [] });
    expect(decide(pipeline, held, available(a), t0 + 2 * second)).toMatchObject({ state: held, actions: [] });
  });

  test("ignores a slot whose answer took longer than the time after which it asks again", () => {
    const begun = play(pipeline, [[0, started()]]).state;
    expect(decide(pipeline, begun, acquired(a), t0 + 30 * second)).toMatchObject({
      state: begun,
      actions: [],
    });
  });

  test("is triggered without a slot once the account is no longer configured", () => {
    const waits = play(pipeline, [
      [0, started()],
      [second, slotRefused(a)],
    ]).state;
    const steps = pipeline.steps.map((step) => ({ ...step, account: null }));
    const free = decide({ ...pipeline, steps }, waits, tick, t0 + minute);
    expect(actionsOf(free)).toEqual(["trigger acme/x:a 1"]);
  });
});
