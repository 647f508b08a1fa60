import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/core/compile.ts";
import { decide } from "../../../shared/core/decide.ts";
import type { Event } from "../../../shared/core/event.ts";
import { wakeAtOf } from "../../../shared/core/run.ts";
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
const taken = (step: string): Event => ({ kind: "slotTaken", ...about(step), askedAt: t0 });
const freed = (step: string): Event => ({ kind: "slotFreed", ...about(step) });
const slotRefused = (step: string): Event => ({
  kind: "slotRefused",
  ...about(step),
  reason: "waits for one of the 2 builds that acme does at once",
  random: 0,
});

describe("a step of an account with a limit", () => {
  test("takes a slot before it is triggered, and not before it is due", () => {
    const begun = play(pipeline, [[0, started()]]);
    expect(actionsOf(begun)).toEqual(["take acme for acme/x:a"]);
    expect(statesOf(begun)[a]).toBe("due");
    const triggered = decide(pipeline, begun.state, taken(a), t0 + second);
    expect(actionsOf(triggered)).toEqual(["trigger acme/x:a 1"]);
  });

  test("asks again if no answer has come, and after a refusal every so often, or when it is its turn", () => {
    const begun = play(pipeline, [[0, started()]]);
    expect(wakeAtOf(begun.state)).toBe(t0 + 30 * second);
    expect(actionsOf(decide(pipeline, begun.state, tick, t0 + 30 * second))).toEqual([
      "take acme for acme/x:a",
    ]);
    const told = decide(pipeline, begun.state, slotRefused(a), t0 + second);
    expect(told.actions).toEqual([]);
    expect(told.state.run?.steps[0]).toMatchObject({ state: "due", reason: /^waits for one of/ });
    const wakeAt = wakeAtOf(told.state) ?? 0;
    expect(wakeAt).toBe(t0 + 31 * second);
    expect(actionsOf(decide(pipeline, told.state, tick, wakeAt))).toEqual(["take acme for acme/x:a"]);
    expect(actionsOf(decide(pipeline, told.state, freed(a), t0 + 2 * second))).toEqual([
      "take acme for acme/x:a",
    ]);
  });

  test("keeps its slot while it is tried again, and gives it back when it is done, before others take theirs", () => {
    const story = [
      [0, started()],
      [second, taken(a)],
      [2 * second, failed(a, refused)],
    ] as const;
    const again = play(pipeline, story);
    expect(again.state.run?.steps[0]).toMatchObject({
      state: "due",
      slot: { account: "acme", isHeld: true },
    });
    const done = decide(pipeline, again.state, pushed(a), t0 + 3 * second);
    expect(actionsOf(done)).toEqual([
      "free acme of acme/x:a",
      "take acme for acme/x:b",
      "take acme for acme/x:c",
    ]);
    expect(done.state.run?.steps[0]?.slot).toBeNull();
  });

  test("gives it back when the run is cancelled, also where it only waits for one", () => {
    const held = play(pipeline, [
      [0, started()],
      [second, taken(a)],
      [2 * second, accepted(a)],
    ]);
    expect(actionsOf(decide(pipeline, held.state, cancelled, t0 + minute))).toContain(
      "free acme of acme/x:a",
    );
    const waits = play(pipeline, [
      [0, started()],
      [second, slotRefused(a)],
    ]);
    expect(actionsOf(decide(pipeline, waits.state, cancelled, t0 + minute))).toContain(
      "free acme of acme/x:a",
    );
  });

  test("gives back at once a slot, or a turn, that comes when it does not wait for any", () => {
    const over = play(pipeline, [
      [0, started()],
      [second, cancelled],
    ]).state;
    for (const event of [taken(a), slotRefused(a), freed(a)]) {
      const late = decide(pipeline, over, event, t0 + minute);
      expect(late.state).toBe(over);
      expect(actionsOf(late)).toEqual(["free acme of acme/x:a"]);
    }
  });

  test("does not give back what it holds because it is told so twice", () => {
    const held = play(pipeline, [
      [0, started()],
      [second, taken(a)],
    ]).state;
    expect(decide(pipeline, held, taken(a), t0 + 2 * second)).toMatchObject({ state: held, actions: [] });
    expect(decide(pipeline, held, freed(a), t0 + 2 * second)).toMatchObject({ state: held, actions: [] });
  });

  test("does not trust in a slot that it was given longer ago than it takes to ask again", () => {
    const begun = play(pipeline, [[0, started()]]).state;
    expect(decide(pipeline, begun, taken(a), t0 + 30 * second)).toMatchObject({ state: begun, actions: [] });
  });

  test("is triggered without one once the account is gone from the configuration", () => {
    const waits = play(pipeline, [
      [0, started()],
      [second, slotRefused(a)],
    ]).state;
    const steps = pipeline.steps.map((step) => ({ ...step, account: null }));
    const free = decide({ ...pipeline, steps }, waits, tick, t0 + minute);
    expect(actionsOf(free)).toEqual(["trigger acme/x:a 1"]);
  });
});
