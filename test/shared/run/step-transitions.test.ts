import { expect, test } from "vitest";
import { buildingA, chain, describeRows, impatient, stages } from "./decide-table.ts";
import {
  accepted,
  actionsOf,
  failed,
  hour,
  lookedUp,
  lost,
  minute,
  noAnswer,
  notPushed,
  play,
  pushed,
  pushedAfter,
  refused,
  rejected,
  second,
  started,
  statesOf,
  type TimedEvent,
  tick,
  wasPushed,
} from "./story.ts";

describeRows({
  "failed triggers": [
    {
      claim: "a refused trigger is due again after a backoff, and uses up no retry",
      given: [[0, started()]],
      when: [second, failed("a", refused)],
      states: { a: "due", b: "waiting", c: "waiting" },
      wakeAtMs: second + 2_500,
    },
    {
      claim: "Retry-After is respected",
      given: [[0, started()]],
      when: [second, failed("a", { kind: "refused", reason: "429", retryAfterMs: 7 * minute })],
      wakeAtMs: second + 7 * minute,
    },
    {
      claim: "the tag is looked up before a trigger is sent again",
      given: [
        [0, started()],
        [second, failed("a", refused)],
      ],
      when: [minute, tick],
      states: { a: "due", b: "waiting", c: "waiting" },
      actions: ["look up a"],
      wakeAtMs: minute + 30 * second,
    },
    {
      claim: "a step whose tag was not pushed meanwhile is triggered again",
      given: [
        [0, started()],
        [second, failed("a", refused)],
        [minute, tick],
      ],
      when: [minute + second, lookedUp("a", notPushed)],
      actions: ["trigger a 2"],
      states: { a: "triggering", b: "waiting", c: "waiting" },
    },
    {
      claim: "a step whose tag was pushed meanwhile is done",
      given: [
        [0, started()],
        [second, failed("a", refused)],
        [minute, tick],
      ],
      when: [minute + second, lookedUp("a", wasPushed)],
      states: { a: "done", b: "triggering", c: "waiting" },
      actions: ["trigger b 1"],
    },
    {
      claim: "a rejected trigger fails its step and its run at once",
      given: [[0, started()]],
      when: [second, failed("a", rejected)],
      status: "failed",
      states: { a: "failed", b: "skipped", c: "skipped" },
      actions: ["notify runFailed"],
      wakeAtMs: null,
    },
    {
      claim: "a trigger without an answer waits for a grace period",
      given: [[0, started()]],
      when: [10 * second, failed("a", lost)],
      states: { a: "due", b: "waiting", c: "waiting" },
      actions: [],
      wakeAtMs: 70 * second,
    },
    {
      claim: "a claim whose process died waits for a grace period",
      given: [[0, started()]],
      when: [20 * second, tick],
      states: { a: "due", b: "waiting", c: "waiting" },
      actions: [],
      wakeAtMs: 80 * second,
    },
    {
      claim: "an answer after its deadline still counts",
      given: [
        [0, started()],
        [20 * second, tick],
      ],
      when: [21 * second, accepted("a")],
      states: { a: "building", b: "waiting", c: "waiting" },
    },
    {
      claim: "an answer to an earlier attempt changes nothing",
      given: [
        [0, started()],
        [second, failed("a", refused)],
        [minute, tick],
        [minute + second, lookedUp("a", notPushed)],
      ],
      when: [minute + 2 * second, failed("a", rejected, 1)],
      outcome: "ignored",
      states: { a: "triggering", b: "waiting", c: "waiting" },
    },
    {
      claim: "a trigger that is refused until the time-out fails",
      pipeline: impatient,
      given: [
        [0, started()],
        [second, failed("a", refused)],
        [hour, tick],
      ],
      when: [hour + second, lookedUp("a", notPushed)],
      status: "failed",
      states: { a: "failed", b: "skipped" },
      actions: ["notify runFailed"],
    },
    {
      claim: "a refused trigger never waits past the time-out of its step",
      pipeline: impatient,
      given: [[0, started()]],
      when: [59 * minute, failed("a", { kind: "refused", reason: "429", retryAfterMs: hour })],
      wakeAtMs: hour,
    },
  ],
  "builds without a push": [
    {
      claim: "the tag of a running build is looked up every 15 minutes",
      given: buildingA,
      when: [15 * minute + second, tick],
      actions: ["look up a"],
      states: { a: "building", b: "waiting", c: "waiting" },
      wakeAtMs: 30 * minute + second,
    },
    {
      claim: "a look-up replaces a lost webhook",
      given: [...buildingA, [15 * minute + second, tick]],
      when: [15 * minute + 2 * second, lookedUp("a", wasPushed)],
      states: { a: "done", b: "triggering", c: "waiting" },
      actions: ["trigger b 1"],
    },
    {
      claim: "a look-up that finds no push leaves the build alone",
      given: [...buildingA, [15 * minute + second, tick]],
      when: [15 * minute + 2 * second, lookedUp("a", notPushed)],
      outcome: "ignored",
      states: { a: "building", b: "waiting", c: "waiting" },
    },
    {
      claim: "a build that timed out is looked up first",
      given: buildingA,
      when: [5 * hour + second, tick],
      actions: ["look up a"],
      states: { a: "building", b: "waiting", c: "waiting" },
      wakeAtMs: 5 * hour + 31 * second,
    },
    {
      claim: "and is then triggered again, with a new time-out",
      given: [...buildingA, [5 * hour + second, tick]],
      when: [5 * hour + 2 * second, lookedUp("a", notPushed)],
      states: { a: "triggering", b: "waiting", c: "waiting" },
      actions: ["trigger a 2"],
    },
    {
      claim: "with its retries used up, it fails together with the run",
      pipeline: impatient,
      given: [
        [0, started()],
        [second, accepted("a")],
        [hour + second, tick],
      ],
      when: [hour + 2 * second, lookedUp("a", notPushed)],
      status: "failed",
      states: { a: "failed", b: "skipped" },
      actions: ["notify runFailed"],
    },
    {
      claim: "a look-up without an answer is repeated and decides nothing",
      pipeline: impatient,
      given: [
        [0, started()],
        [second, accepted("a")],
        [hour + second, tick],
      ],
      when: [hour + 2 * second, lookedUp("a", noAnswer)],
      status: "running",
      states: { a: "building", b: "waiting" },
      wakeAtMs: hour + 4_500,
    },
    {
      claim: "the other steps of a stage continue when one fails",
      pipeline: stages,
      given: [
        [0, started()],
        [minute, pushed("base")],
      ],
      when: [2 * minute, failed("left", rejected)],
      status: "running",
      states: { base: "done", left: "failed", right: "triggering", top: "waiting" },
    },
    {
      claim: "and the run fails when they have ended",
      pipeline: stages,
      given: [
        [0, started()],
        [minute, pushed("base")],
        [2 * minute, failed("left", rejected)],
      ],
      when: [3 * minute, pushed("right")],
      status: "failed",
      states: { base: "done", left: "failed", right: "done", top: "skipped" },
      actions: ["notify runFailed"],
    },
    {
      claim: "a failed step whose tag is pushed while its run is active is done",
      pipeline: stages,
      given: [
        [0, started()],
        [minute, pushed("base")],
        [2 * minute, failed("left", rejected)],
      ],
      when: [3 * minute, pushed("left")],
      outcome: "advanced",
      states: { base: "done", left: "done", right: "triggering", top: "waiting" },
    },
  ],
});

test("five look-ups in a row without an answer count as not pushed", () => {
  const events: TimedEvent[] = [
    [0, started()],
    [second, accepted("a")],
    [hour + second, tick],
  ];
  for (let lookUp = 1; lookUp < 5; lookUp += 1) {
    events.push([hour + lookUp * 10 * minute, lookedUp("a", noAnswer)]);
    expect(statesOf(play(impatient, events))).toMatchObject({ a: "building" });
    events.push([hour + lookUp * 10 * minute + 6 * minute, tick]);
  }
  events.push([2 * hour, lookedUp("a", noAnswer)]);
  expect(statesOf(play(impatient, events))).toEqual({ a: "failed", b: "skipped" });
});

test("the push of another step does not trigger a step again without a look-up", () => {
  const decision = play(stages, [
    [0, started()],
    [minute, pushed("base")],
    [minute + second, failed("left", refused)],
    [hour, pushed("right")],
  ]);
  expect(statesOf(decision)).toMatchObject({ left: "due", right: "done" });
  expect(actionsOf(decision)).toEqual([]);
});

test("a push since the first trigger counts, even if it comes from the first attempt", () => {
  const given: TimedEvent[] = [
    ...buildingA,
    [5 * hour + second, tick],
    [5 * hour + 2 * second, lookedUp("a", notPushed)],
    [5 * hour + 3 * second, accepted("a", 2)],
    [5 * hour + 16 * minute, tick],
  ];
  const found = lookedUp("a", pushedAfter(second), 2);
  expect(statesOf(play(chain, [...given, [5 * hour + 16 * minute, found]]))).toMatchObject({ a: "done" });
});
