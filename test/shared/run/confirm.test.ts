import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/run/decide.ts";
import { wakeAtOf } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  confirmed,
  hour,
  lookedUp,
  minute,
  noAnswer,
  notPushed,
  pipelineOf,
  play,
  pushed,
  pushedAfter,
  runId,
  second,
  started,
  statesOf,
  type TimedEvent,
  t0,
  tick,
  unreachable,
  unreadable,
} from "./story.ts";

const asking = pipelineOf({ image: "acme/chain", confirm: "registry", sequence: ["a", "b"] });
const trusting = pipelineOf({ image: "acme/chain", confirm: "auto", sequence: ["a", "b"] });
const buildingA: TimedEvent[] = [
  [0, started()],
  [second, accepted("a")],
];
const doneA: TimedEvent[] = [...buildingA, [10 * minute, confirmed("a", pushedAfter(9 * minute + 5))]];

describe("a webhook in a run", () => {
  test("asks Docker Hub before anything is saved", () => {
    const before = play(asking, buildingA);
    const decision = play(asking, [...buildingA, [10 * minute, pushed("a")]]);
    expect(actionsOf(decision)).toEqual(["confirm a"]);
    expect(decision.outcome).toBeNull();
    expect(decision.state).toEqual(before.state);
  });

  test("is not looked up if it would change nothing", () => {
    const decision = play(asking, [...buildingA, [10 * minute, pushed("b")]]);
    expect(decision).toMatchObject({ actions: [], outcome: { kind: "ignored" } });
  });

  test("counts if Docker Hub shows a push since the trigger", () => {
    const decision = play(asking, doneA);
    expect(decision.outcome?.kind).toBe("advanced");
    expect(statesOf(decision)).toEqual({ a: "done", b: "triggering" });
  });

  test.each([
    ["the tag was pushed before the trigger", pushedAfter(-second)],
    ["the tag does not exist", notPushed],
  ])("does not count if %s, and Docker Hub is asked again for some minutes", (_why, answer) => {
    const first = play(asking, [...buildingA, [10 * minute, confirmed("a", answer)]]);
    expect(first.outcome?.kind).toBe("ignored");
    expect(statesOf(first)).toEqual({ a: "building", b: "waiting" });
    expect(wakeAtOf(first.state)).toBe(t0 + 10 * minute + 2_500);

    const again = decide(asking, first.state, tick, t0 + 10 * minute + 3 * second);
    expect(actionsOf(again)).toEqual(["confirm a"]);
    const late = decide(asking, again.state, confirmed("a", answer), t0 + 14 * minute);
    expect(late.state.pendingConfirmations).toEqual([]);
    expect(statesOf(late)).toEqual({ a: "building", b: "waiting" });
  });

  test("counts a moment later if Docker Hub is slow to show the push", () => {
    const slow: TimedEvent[] = [
      ...buildingA,
      [10 * minute, confirmed("a", notPushed)],
      [10 * minute + 5 * second, tick],
      [10 * minute + 6 * second, confirmed("a", pushedAfter(10 * minute))],
    ];
    expect(play(asking, slow).state.pendingConfirmations).toEqual([]);
    expect(statesOf(play(asking, slow))).toEqual({ a: "done", b: "triggering" });
  });

  test("stays pending while Docker Hub does not answer, even past the time-out of its build", () => {
    const pending: TimedEvent[] = [...buildingA, [4 * hour + 55 * minute, confirmed("a", noAnswer)]];
    const timedOut = play(asking, [...pending, [5 * hour + second, tick]]);
    expect(actionsOf(timedOut)).toEqual(["confirm a", "look up a"]);
    let { state } = timedOut;
    for (let turn = 1; turn <= 20; turn += 1) {
      const now = t0 + 5 * hour + turn * minute;
      for (const event of [lookedUp("a", noAnswer), confirmed("a", noAnswer), tick]) {
        ({ state } = decide(asking, state, event, now));
      }
    }
    expect(statesOf({ state })).toEqual({ a: "building", b: "waiting" });
    const answered = decide(asking, state, confirmed("a", pushedAfter(4 * hour)), t0 + 6 * hour);
    expect(statesOf(answered)).toEqual({ a: "done", b: "triggering" });
  });

  test("is not looked up twice at a time, and repeated webhooks extend the wait for confirmation", () => {
    const first = play(asking, [...buildingA, [10 * minute, confirmed("a", notPushed)]]);
    const repeated = decide(asking, first.state, pushed("a"), t0 + 10 * minute + second);
    expect(repeated).toMatchObject({ state: first.state, actions: [], outcome: { kind: "duplicate" } });
    const third = decide(asking, first.state, pushed("a"), t0 + 11 * minute);
    expect(third.state.pendingConfirmations[0]?.receivedAt).toBe(t0 + 11 * minute);
  });

  test("does not count for a push that was counted before, whatever the clocks say", () => {
    const later = "p.run-2";
    const next: TimedEvent[] = [
      ...doneA,
      [10 * minute, accepted("b")],
      [20 * minute, confirmed("b", pushedAfter(19 * minute))],
      [20 * minute + second, started({ newRunId: later })],
      [20 * minute + 2 * second, accepted("a", 1, later)],
    ];
    const known = { ...pushedAfter(9 * minute + 5), at: t0 + 21 * minute };
    const decision = play(asking, [...next, [22 * minute, confirmed("a", known)]]);
    expect(statesOf(decision)).toEqual({ a: "building", b: "waiting" });
  });

  test("completes a step that had failed, if its run is still active", () => {
    const stages = pipelineOf({
      image: "acme/x",
      confirm: "registry",
      retries: 0,
      timeout: "1h",
      sequence: [["a", "b"]],
    });
    const failedA: TimedEvent[] = [
      [0, started()],
      [second, accepted("a")],
      [30 * minute, tick],
      [31 * minute, accepted("b")],
      [hour + second, tick],
      [hour + 2 * second, lookedUp("a", notPushed)],
    ];
    expect(statesOf(play(stages, failedA))).toEqual({ a: "failed", b: "building" });
    const late = play(stages, [...failedA, [hour + minute, confirmed("a", pushedAfter(hour))]]);
    expect(statesOf(late)).toEqual({ a: "done", b: "building" });
  });
});

describe("a repository that cannot be read", () => {
  test("has its webhooks trusted by default", () => {
    const decision = play(trusting, [...buildingA, [10 * minute, confirmed("a", unreadable)]]);
    expect(statesOf(decision)).toEqual({ a: "done", b: "triggering" });
  });

  test.each([
    ["trusted by default", trusting, { a: "done", b: "triggering" }],
    ["kept pending with confirm: hub", asking, { a: "building", b: "waiting" }],
  ])("or an unreachable Docker Hub: a webhook is %s", (_what, pipeline, states) => {
    const decision = play(pipeline, [...buildingA, [10 * minute, confirmed("a", unreachable)]]);
    expect(statesOf(decision)).toEqual(states);
  });

  test("fails its run with confirm: hub, and the failure says why", () => {
    const pending: TimedEvent[] = [...buildingA, [10 * minute, confirmed("a", unreadable)]];
    expect(statesOf(play(asking, pending))).toEqual({ a: "building", b: "waiting" });
    const decision = play(asking, [
      ...pending,
      [7 * hour, confirmed("a", unreadable)],
      [7 * hour, tick],
      [7 * hour, lookedUp("a", unreadable)],
      [13 * hour, tick],
      [13 * hour, lookedUp("a", unreadable, 2)],
      [14 * hour, tick],
      [14 * hour, lookedUp("a", unreadable, 2)],
    ]);
    const reason = expect.stringContaining("the registry could not be asked (Docker Hub answered 404)");
    expect(decision.state.run?.steps[0]).toMatchObject({ state: "failed", reason });
  });
});

test("a webhook that arrived before its step was triggered does not count, however long Docker Hub takes to answer", () => {
  const { state } = play(trusting, [[0, started()]]);
  const event = confirmed("a", unreadable);
  if (event.kind !== "pushLookedUp") throw new Error("expected a look-up");
  const early = { ...event, receivedAt: t0 - 1 };
  expect(statesOf(decide(trusting, state, early, t0 + 10 * second))).toEqual({
    a: "triggering",
    b: "waiting",
  });
  expect(statesOf(decide(trusting, state, event, t0 + 10 * second))).toEqual({ a: "done", b: "triggering" });
});

describe("a webhook outside of any run", () => {
  const idle: TimedEvent[] = [
    ...doneA,
    [10 * minute, accepted("b")],
    [20 * minute, confirmed("b", pushedAfter(19 * minute))],
  ];
  const outside = (at: number, answer = pushedAfter(at)): TimedEvent[] => [
    ...idle,
    [at, confirmed("a", answer, at, "p.run-2")],
  ];

  test("asks Docker Hub, and starts the following steps if there is a new push", () => {
    expect(actionsOf(play(asking, [...idle, [hour, pushed("a", 5)]]))).toEqual(["confirm a"]);
    const decision = play(asking, outside(hour));
    expect(decision.state.run).toMatchObject({ id: "p.run-2", cause: "push" });
    expect(actionsOf(decision)).toEqual(["trigger b 1"]);
  });

  test("starts nothing if the last push is already known", () => {
    const decision = play(asking, outside(hour, pushedAfter(9 * minute + 5)));
    expect(decision).toMatchObject({ actions: [], outcome: { kind: "ignored" } });
    expect(decision.state.run?.id).toBe(runId);
  });

  test("is looked up until Docker Hub answers, and then starts its run", () => {
    const pending = play(asking, outside(hour, noAnswer));
    expect(pending.state.pendingConfirmations).toHaveLength(1);
    const woken = decide(asking, pending.state, tick, wakeAtOf(pending.state) ?? 0);
    expect(actionsOf(woken)).toEqual(["confirm a"]);
    const answered = confirmed("a", pushedAfter(hour), hour, "p.run-2");
    const decision = decide(asking, woken.state, answered, t0 + hour + minute);
    expect(decision.state).toMatchObject({ pendingConfirmations: [], run: { id: "p.run-2", cause: "push" } });
  });

  test("starts nothing if no earlier push is known, unless the push is recent", () => {
    const fresh = decide(asking, play(asking, []).state, confirmed("a", pushedAfter(-hour / 2)), t0);
    expect(fresh.outcome?.kind).toBe("advanced");
    const old = decide(asking, play(asking, []).state, confirmed("a", pushedAfter(-2 * hour)), t0);
    expect(old.state.run).toBeNull();
  });

  test("does not complete a step of a cancelled run with a push from before its trigger", () => {
    const stopped: TimedEvent[] = [...buildingA, [5 * minute, cancelled]];
    const old = play(asking, [...stopped, [6 * minute, confirmed("a", pushedAfter(-5 * minute))]]);
    expect(statesOf(old)).toEqual({ a: "skipped", b: "skipped" });
    const built = play(asking, [...stopped, [6 * minute, confirmed("a", pushedAfter(4 * minute))]]);
    expect(statesOf(built)).toEqual({ a: "done", b: "skipped" });
  });

  test("is dropped with its step", () => {
    const pending = play(asking, outside(hour, noAnswer));
    const without = { ...asking, steps: asking.steps.filter(({ name }) => name !== "a") };
    const decision = decide(without, pending.state, tick, t0 + 2 * hour);
    expect(decision.state.pendingConfirmations).toEqual([]);
    expect(decision.actions).toEqual([]);
  });
});
