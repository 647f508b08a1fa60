import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../shared/core/event.ts";
import type { Pipeline } from "../../../shared/core/pipeline.ts";
import { wakeAtOf } from "../../../shared/core/run.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  failed,
  type Happening,
  hour,
  lookedUp,
  lost,
  minute,
  noAnswer,
  notPushed,
  pipelineOf,
  play,
  pushed,
  pushedAfter,
  refused,
  rejected,
  retried,
  runId,
  second,
  started,
  statesOf,
  t0,
  tick,
  wasPushed,
} from "./story.ts";

const chain = pipelineOf({ image: "acme/chain", retries: 1, timeout: "5h", sequence: ["a", "b", "c"] });
const delayed = pipelineOf({ image: "acme/chain", delay: "100s", sequence: ["a", "b", "c"] });
const stages = pipelineOf({ image: "acme/family", sequence: ["base", ["left", "right"], "top"] });
const graph = pipelineOf({
  steps: {
    base: { image: "acme/base:1" },
    api: { image: "acme/api:1", after: "base" },
    web: { image: "acme/web:1", after: ["base", "api"] },
    docs: { image: "acme/docs:1" },
  },
});
const impatient = pipelineOf({ image: "acme/chain", retries: 0, timeout: "1h", sequence: ["a", "b"] });

type Row = {
  claim: string;
  pipeline?: Pipeline;
  given: Happening[];
  when: Happening;
  outcome?: Outcome["kind"];
  status?: string | null;
  states?: Record<string, string>;
  actions?: string[];
  wakeAtMs?: number | null;
};

/** Up to the build of `a`. */
const buildingA: Happening[] = [
  [0, started()],
  [second, accepted("a")],
];
const buildingB: Happening[] = [
  ...buildingA,
  [10 * minute, pushed("a")],
  [10 * minute + second, accepted("b")],
];
const done: Happening[] = [
  ...buildingB,
  [20 * minute, pushed("b")],
  [20 * minute + second, accepted("c")],
  [30 * minute, pushed("c")],
];

const table: Record<string, Row[]> = {
  "the way of a run": [
    {
      claim: "a start triggers the first step at once",
      given: [],
      when: [0, started()],
      outcome: "advanced",
      status: "running",
      states: { a: "triggering", b: "waiting", c: "waiting" },
      actions: ["trigger a 1"],
      wakeAtMs: 20 * second,
    },
    {
      claim: "an accepted trigger makes the step a build that is looked up after a quarter of an hour",
      given: [[0, started()]],
      when: [second, accepted("a")],
      states: { a: "building", b: "waiting", c: "waiting" },
      actions: [],
      wakeAtMs: 15 * minute + second,
    },
    {
      claim: "a push makes its step done and triggers what comes after it",
      given: buildingA,
      when: [10 * minute, pushed("a")],
      outcome: "advanced",
      states: { a: "done", b: "triggering", c: "waiting" },
      actions: ["trigger b 1"],
    },
    {
      claim: "a push that comes before its trigger's answer counts",
      given: [[0, started()]],
      when: [second, pushed("a")],
      outcome: "advanced",
      states: { a: "done", b: "triggering", c: "waiting" },
    },
    {
      claim: "an answer that comes after the push changes nothing",
      given: [
        [0, started()],
        [second, pushed("a")],
      ],
      when: [2 * second, accepted("a")],
      outcome: "ignored",
      states: { a: "done", b: "triggering", c: "waiting" },
    },
    {
      claim: "a run succeeds with its last push, says so, and is not looked at again",
      given: done.slice(0, -1),
      when: [30 * minute, pushed("c")],
      status: "succeeded",
      states: { a: "done", b: "done", c: "done" },
      actions: ["notify runSucceeded"],
      wakeAtMs: null,
    },
    {
      claim: "the delay is waited for before every trigger after the first",
      pipeline: delayed,
      given: buildingA,
      when: [10 * minute, pushed("a")],
      states: { a: "done", b: "due", c: "waiting" },
      actions: [],
      wakeAtMs: 10 * minute + 100 * second,
    },
    {
      claim: "a tick before the delay is over changes nothing",
      pipeline: delayed,
      given: [...buildingA, [10 * minute, pushed("a")]],
      when: [10 * minute + 99 * second, tick],
      outcome: "ignored",
      states: { a: "done", b: "due", c: "waiting" },
      actions: [],
    },
    {
      claim: "a tick after the delay triggers",
      pipeline: delayed,
      given: [...buildingA, [10 * minute, pushed("a")]],
      when: [10 * minute + 100 * second, tick],
      states: { a: "done", b: "triggering", c: "waiting" },
      actions: ["trigger b 1"],
    },
    {
      claim: "a stage is triggered side by side",
      pipeline: stages,
      given: [[0, started()]],
      when: [minute, pushed("base")],
      states: { base: "done", left: "triggering", right: "triggering", top: "waiting" },
      actions: ["trigger left 1", "trigger right 1"],
    },
    {
      claim: "what comes after a stage waits for all of it",
      pipeline: stages,
      given: [
        [0, started()],
        [minute, pushed("base")],
      ],
      when: [2 * minute, pushed("left")],
      states: { base: "done", left: "done", right: "triggering", top: "waiting" },
      actions: [],
    },
    {
      claim: "in a graph, a step waits for all that it comes after, near and far",
      pipeline: graph,
      given: [[0, started()]],
      when: [minute, pushed("base")],
      states: { base: "done", api: "triggering", web: "waiting", docs: "triggering" },
      actions: ["trigger api 1"],
    },
  ],
  "pushes that are not the one waited for": [
    {
      claim: "a push of a step that is done is a duplicate",
      given: buildingB,
      when: [11 * minute, pushed("a")],
      outcome: "duplicate",
      states: { a: "done", b: "building", c: "waiting" },
      actions: [],
    },
    {
      claim: "a push of a step that waits is ignored: it is not built from what this run builds",
      given: buildingA,
      when: [minute, pushed("b")],
      outcome: "ignored",
      states: { a: "building", b: "waiting", c: "waiting" },
      actions: [],
    },
    {
      claim: "a push of a step that waits for its delay is ignored",
      pipeline: delayed,
      given: [...buildingA, [10 * minute, pushed("a")]],
      when: [10 * minute + second, pushed("b")],
      outcome: "ignored",
      states: { a: "done", b: "due", c: "waiting" },
    },
    {
      claim: "a push while a refused trigger waits to be sent again counts",
      given: [
        [0, started()],
        [second, failed("a", refused)],
      ],
      when: [2 * second, pushed("a")],
      outcome: "advanced",
      states: { a: "done", b: "triggering", c: "waiting" },
    },
    {
      claim: "a push of an unknown step is ignored",
      given: buildingA,
      when: [minute, pushed("__proto__")],
      outcome: "ignored",
    },
  ],
  "pushes outside of any run": [
    {
      claim: "a push starts a run from what comes after its step, after the delay",
      pipeline: delayed,
      given: [],
      when: [0, pushed("a")],
      outcome: "advanced",
      status: "running",
      states: { a: "skipped", b: "due", c: "waiting" },
      wakeAtMs: 100 * second,
    },
    {
      claim: "a push in a graph starts all that comes after it, in order",
      pipeline: graph,
      given: [],
      when: [0, pushed("base")],
      states: { base: "skipped", api: "triggering", web: "waiting", docs: "skipped" },
      actions: ["trigger api 1"],
    },
    {
      claim: "another webhook of the push that started the run is a duplicate",
      given: [[0, pushed("a")]],
      when: [minute, pushed("a")],
      outcome: "duplicate",
      states: { a: "skipped", b: "triggering", c: "waiting" },
    },
    {
      claim: "a late duplicate of a push, told by its time, starts nothing",
      given: done.map(([at, event]) => [
        at,
        event.kind === "imagePushed" ? { ...event, pushedAt: 7 } : event,
      ]),
      when: [hour, pushed("a", 7)],
      outcome: "duplicate",
      status: "succeeded",
      actions: [],
    },
    {
      claim: "a push of another time is another push",
      given: done.map(([at, event]) => [
        at,
        event.kind === "imagePushed" ? { ...event, pushedAt: 7 } : event,
      ]),
      when: [30 * minute + second, pushed("a", 8, "p.run-2")],
      outcome: "advanced",
      status: "running",
      actions: ["trigger b 1"],
    },
    {
      claim: "a second push without a time, moments after the first, is a duplicate",
      given: done,
      when: [30 * minute + 9 * second, pushed("c")],
      outcome: "duplicate",
      status: "succeeded",
    },
    {
      claim: "a push of the last step starts nothing",
      given: done,
      when: [hour, pushed("c")],
      outcome: "ignored",
      status: "succeeded",
    },
    {
      claim: "with onPush: ignore, a push starts nothing",
      pipeline: { ...chain, onPush: "ignore" },
      given: [],
      when: [0, pushed("a")],
      outcome: "ignored",
      status: null,
    },
    {
      claim: "the push of a build that was under way when its run was cancelled starts nothing",
      given: [...buildingA, [minute, cancelled]],
      when: [10 * minute, pushed("a", null, "p.run-2")],
      outcome: "ignored",
      status: "cancelled",
      states: { a: "done", b: "skipped", c: "skipped" },
    },
    {
      claim: "the next push of it starts a run again",
      given: [...buildingA, [minute, cancelled], [10 * minute, pushed("a")]],
      when: [20 * minute, pushed("a", null, "p.run-2")],
      outcome: "advanced",
      status: "running",
    },
  ],
  "triggers that go wrong": [
    {
      claim: "a refused trigger is due again after a backoff, and uses up no retry",
      given: [[0, started()]],
      when: [second, failed("a", refused)],
      states: { a: "due", b: "waiting", c: "waiting" },
      wakeAtMs: second + 2_500,
    },
    {
      claim: "Retry-After is waited for",
      given: [[0, started()]],
      when: [second, failed("a", { kind: "refused", reason: "429", retryAfterMs: 7 * minute })],
      wakeAtMs: second + 7 * minute,
    },
    {
      claim: "before a trigger is sent again, the tag is looked up",
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
      claim: "a tag that was not pushed meanwhile is triggered again",
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
      claim: "a tag that was pushed meanwhile is done",
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
      claim: "a trigger without an answer is left alone for a grace period",
      given: [[0, started()]],
      when: [10 * second, failed("a", lost)],
      states: { a: "due", b: "waiting", c: "waiting" },
      actions: [],
      wakeAtMs: 70 * second,
    },
    {
      claim: "a claim whose process died is left alone for a grace period",
      given: [[0, started()]],
      when: [20 * second, tick],
      states: { a: "due", b: "waiting", c: "waiting" },
      actions: [],
      wakeAtMs: 80 * second,
    },
    {
      claim: "an answer that comes after its deadline is an answer all the same",
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
      claim: "a trigger that is refused until the time is up fails with the last refusal",
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
      claim: "a refusal is never put off past the time that the step has",
      pipeline: impatient,
      given: [[0, started()]],
      when: [59 * minute, failed("a", { kind: "refused", reason: "429", retryAfterMs: hour })],
      wakeAtMs: hour,
    },
  ],
  "builds that do not arrive": [
    {
      claim: "the tag of a running build is looked up every quarter of an hour",
      given: buildingA,
      when: [15 * minute + second, tick],
      actions: ["look up a"],
      states: { a: "building", b: "waiting", c: "waiting" },
      wakeAtMs: 30 * minute + second,
    },
    {
      claim: "a lost webhook is made up for by the look-up",
      given: [...buildingA, [15 * minute + second, tick]],
      when: [15 * minute + 2 * second, lookedUp("a", wasPushed)],
      states: { a: "done", b: "triggering", c: "waiting" },
      actions: ["trigger b 1"],
    },
    {
      claim: "a look-up that finds nothing leaves the build alone",
      given: [...buildingA, [15 * minute + second, tick]],
      when: [15 * minute + 2 * second, lookedUp("a", notPushed)],
      outcome: "ignored",
      states: { a: "building", b: "waiting", c: "waiting" },
    },
    {
      claim: "a build whose time is up is looked up before anything else",
      given: buildingA,
      when: [5 * hour + second, tick],
      actions: ["look up a"],
      states: { a: "building", b: "waiting", c: "waiting" },
      wakeAtMs: 5 * hour + 31 * second,
    },
    {
      claim: "and is then triggered again, with all of its time",
      given: [...buildingA, [5 * hour + second, tick]],
      when: [5 * hour + 2 * second, lookedUp("a", notPushed)],
      states: { a: "triggering", b: "waiting", c: "waiting" },
      actions: ["trigger a 2"],
    },
    {
      claim: "with its retries used up, it fails, and so does the run",
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
      claim: "a look-up that tells nothing is made again, and decides nothing",
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
      claim: "the other steps of a stage go on when one fails",
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
      claim: "a failed step that is pushed after all, while its run goes on, is done",
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
  "starts, cancels, retries": [
    {
      claim: "a second start is refused while a run is active",
      given: buildingA,
      when: [minute, started({ newRunId: "p.run-2" })],
      outcome: "refused",
      states: { a: "building", b: "waiting", c: "waiting" },
      actions: [],
    },
    {
      claim: "a schedule leaves an active run alone with overlap: skip",
      given: buildingA,
      when: [minute, started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 + minute })],
      outcome: "ignored",
      status: "running",
      actions: [],
    },
    {
      claim: "and takes its place with overlap: restart",
      pipeline: { ...chain, overlap: "restart" },
      given: buildingB,
      when: [15 * minute, started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 })],
      outcome: "advanced",
      states: { a: "triggering", b: "waiting", c: "waiting" },
      actions: ["notify runCancelled", "trigger a 1"],
    },
    {
      claim: "a start of the schedule that was seen to is not made twice",
      given: [
        [0, started({ cause: "schedule", scheduledFor: t0 })],
        [second, failed("a", rejected)],
      ],
      when: [2 * second, started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 })],
      outcome: "duplicate",
      status: "failed",
    },
    {
      claim: "a start from a step runs it and what comes after it",
      given: [],
      when: [0, started({ from: ["b"] })],
      states: { a: "skipped", b: "triggering", c: "waiting" },
      actions: ["trigger b 1"],
    },
    {
      claim: "a start from an unknown step starts nothing",
      given: [],
      when: [0, started({ from: ["nope"] })],
      outcome: "ignored",
      status: null,
    },
    {
      claim: "a cancelled run is over",
      given: buildingB,
      when: [15 * minute, cancelled],
      outcome: "advanced",
      status: "cancelled",
      states: { a: "done", b: "skipped", c: "skipped" },
      actions: ["notify runCancelled"],
      wakeAtMs: null,
    },
    {
      claim: "a run that is over cannot be cancelled",
      given: done,
      when: [hour, cancelled],
      outcome: "refused",
      status: "succeeded",
    },
    {
      claim: "a retry keeps what is done and begins the rest anew",
      given: [...buildingB, [15 * minute, cancelled]],
      when: [hour, retried],
      outcome: "advanced",
      status: "running",
      states: { a: "done", b: "triggering", c: "waiting" },
      actions: ["trigger b 2"],
    },
    {
      claim: "an answer to a trigger of before the retry changes nothing",
      given: [
        [0, started()],
        [second, cancelled],
        [2 * second, retried],
      ],
      when: [3 * second, failed("a", rejected, 1)],
      outcome: "ignored",
      states: { a: "triggering", b: "waiting", c: "waiting" },
    },
    {
      claim: "a push of before the retry's trigger does not count",
      given: [...buildingB, [15 * minute, cancelled], [hour, retried]],
      when: [hour + second, pushed("c")],
      outcome: "ignored",
      states: { a: "done", b: "triggering", c: "waiting" },
    },
    {
      claim: "a retry of a run from a step leaves out what was not part of it",
      given: [
        [0, started({ from: ["b"] })],
        [second, failed("b", rejected)],
      ],
      when: [minute, retried],
      states: { a: "skipped", b: "triggering", c: "waiting" },
    },
    {
      claim: "a run that has succeeded cannot be retried",
      given: done,
      when: [hour, retried],
      outcome: "refused",
      status: "succeeded",
    },
  ],
};

describe.each(Object.entries(table))("%s", (_chapter, rows) => {
  test.each(rows)("$claim", ({ claim: _, pipeline = chain, given, when, ...then }) => {
    const decision = play(pipeline, [...given, when]);
    const { state } = decision;
    const told = {
      outcome: decision.outcome?.kind,
      status: state.run?.status ?? null,
      states: statesOf(decision),
      actions: actionsOf(decision),
      wakeAtMs: wakeAtOf(state) === null ? null : (wakeAtOf(state) ?? 0) - t0,
    };
    expect(told).toMatchObject(then);
  });
});

test("a run that is replaced is handed over as history, as it ended", () => {
  const { replaced } = play({ ...chain, overlap: "restart" }, [
    ...buildingB,
    [15 * minute, started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 })],
  ]);
  expect(replaced).toMatchObject({ id: runId, status: "cancelled", endedAt: t0 + 15 * minute });
});

test("five look-ups in a row that tell nothing count as not pushed", () => {
  const happenings: Happening[] = [
    [0, started()],
    [second, accepted("a")],
    [hour + second, tick],
  ];
  for (let lookUp = 1; lookUp < 5; lookUp += 1) {
    happenings.push([hour + lookUp * 10 * minute, lookedUp("a", noAnswer)]);
    expect(statesOf(play(impatient, happenings))).toMatchObject({ a: "building" });
    happenings.push([hour + lookUp * 10 * minute + 6 * minute, tick]);
  }
  happenings.push([2 * hour, lookedUp("a", noAnswer)]);
  expect(statesOf(play(impatient, happenings))).toEqual({ a: "failed", b: "skipped" });
});

test("of the steps that are ready, as many are built at once as maxParallel says, and others when those are over", () => {
  const narrow = pipelineOf({ image: "acme/x", maxParallel: 2, sequence: [["a", "b", "c", "d"], "top"] });
  const begun: Happening[] = [[0, started()]];
  const four = { a: "triggering", b: "triggering", c: "waiting", d: "waiting", top: "waiting" };
  expect(statesOf(play(narrow, begun))).toEqual(four);
  const pushedB = play(narrow, [...begun, [minute, pushed("b")]]);
  expect(statesOf(pushedB)).toEqual({ ...four, b: "done", c: "triggering" });
  const failedA = play(narrow, [...begun, [minute, pushed("b")], [minute, failed("a", rejected)]]);
  expect(statesOf(failedA)).toEqual({ ...four, a: "failed", b: "done", c: "triggering", d: "triggering" });
});

describe("a configuration that changes while a run is active", () => {
  const { state } = play(chain, buildingB);

  test("a step that is gone is no longer waited for", () => {
    const shorter = pipelineOf({ image: "acme/chain", sequence: ["a", "c"] });
    const decision = play(shorter, [[15 * minute, tick]], state);
    expect(statesOf(decision)).toEqual({ a: "done", c: "triggering" });
    // Should it have been a command: nothing tells any more.
    expect(actionsOf(decision)).toEqual(["stop b 1", "trigger c 1"]);
  });

  test("a step that is new is part of the run", () => {
    const longer = pipelineOf({ image: "acme/chain", sequence: ["a", "b", "new", "c"] });
    const decision = play(longer, [[15 * minute, pushed("b")]], state);
    expect(statesOf(decision)).toEqual({ a: "done", b: "done", new: "triggering", c: "waiting" });
  });

  test("what now comes after something that is not done waits for that and is built anew", () => {
    const reordered = pipelineOf({ image: "acme/chain", sequence: ["c", "b", "a"] });
    const decision = play(reordered, [[15 * minute, tick]], state);
    expect(statesOf(decision)).toEqual({ c: "triggering", b: "waiting", a: "waiting" });
  });

  test("what was built before something that it now comes after is built anew", () => {
    const both = pipelineOf({ image: "acme/chain", sequence: [["a", "b"], "c"] });
    const given: Happening[] = [
      [0, started()],
      [second, accepted("a")],
      [second, accepted("b")],
      [minute, pushed("b")],
      [2 * minute, pushed("a")],
    ];
    expect(statesOf(play(both, given))).toEqual({ a: "done", b: "done", c: "triggering" });
    const ordered = play(chain, [[3 * minute, tick]], play(both, given).state);
    expect(statesOf(ordered)).toEqual({ a: "done", b: "triggering", c: "waiting" });
  });

  test("a step that was no part of the run, and now comes after one that is, is built too", () => {
    const partial = play(chain, [[0, started({ from: ["c"] })]]);
    expect(statesOf(partial)).toEqual({ a: "skipped", b: "skipped", c: "triggering" });
    const reordered = pipelineOf({ image: "acme/chain", sequence: ["a", "c", "b"] });
    const decision = play(reordered, [[minute, pushed("c")]], partial.state);
    expect(statesOf(decision)).toEqual({ a: "skipped", c: "done", b: "triggering" });
  });

  test("with no step left, the run is over", () => {
    const decision = play({ ...chain, steps: [] }, [[15 * minute, tick]], state);
    expect(decision.state.run?.status).toBe("cancelled");
  });
});

test("a step that was triggered before is not triggered again by the push of another, only by way of a look-up", () => {
  const decision = play(stages, [
    [0, started()],
    [minute, pushed("base")],
    [minute + second, failed("left", refused)],
    [hour, pushed("right")],
  ]);
  expect(statesOf(decision)).toMatchObject({ left: "due", right: "done" });
  expect(actionsOf(decision)).toEqual([]);
});

test("a push since the first trigger counts: what the first attempt has built", () => {
  const given: Happening[] = [
    ...buildingA,
    [5 * hour + second, tick],
    [5 * hour + 2 * second, lookedUp("a", notPushed)],
    [5 * hour + 3 * second, accepted("a", 2)],
    [5 * hour + 16 * minute, tick],
  ];
  const found = lookedUp("a", pushedAfter(second), 2);
  expect(statesOf(play(chain, [...given, [5 * hour + 16 * minute, found]]))).toMatchObject({ a: "done" });
});
