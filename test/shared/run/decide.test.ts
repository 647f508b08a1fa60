import { expect, test } from "vitest";
import { buildingA, buildingB, chain, delayed, describeRows, done, graph, stages } from "./decide-table.ts";
import {
  accepted,
  cancelled,
  failed,
  hour,
  minute,
  pipelineOf,
  play,
  pushed,
  rejected,
  retried,
  runId,
  second,
  started,
  statesOf,
  type TimedEvent,
  t0,
  tick,
} from "./story.ts";

describeRows({
  "a run": [
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
      claim: "after an accepted trigger, the step is building, and its tag is looked up after 15 minutes",
      given: [[0, started()]],
      when: [second, accepted("a")],
      states: { a: "building", b: "waiting", c: "waiting" },
      actions: [],
      wakeAtMs: 15 * minute + second,
    },
    {
      claim: "a push completes its step and triggers the next one",
      given: buildingA,
      when: [10 * minute, pushed("a")],
      outcome: "advanced",
      states: { a: "done", b: "triggering", c: "waiting" },
      actions: ["trigger b 1"],
    },
    {
      claim: "a push before the answer to its trigger counts",
      given: [[0, started()]],
      when: [second, pushed("a")],
      outcome: "advanced",
      states: { a: "done", b: "triggering", c: "waiting" },
    },
    {
      claim: "an answer after the push changes nothing",
      given: [
        [0, started()],
        [second, pushed("a")],
      ],
      when: [2 * second, accepted("a")],
      outcome: "ignored",
      states: { a: "done", b: "triggering", c: "waiting" },
    },
    {
      claim: "a run succeeds with its last push, sends a notice, and is not due again",
      given: done.slice(0, -1),
      when: [30 * minute, pushed("c")],
      status: "succeeded",
      states: { a: "done", b: "done", c: "done" },
      actions: ["notify runSucceeded"],
      wakeAtMs: null,
    },
    {
      claim: "every trigger but the first waits for the delay",
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
      claim: "the steps of a stage are triggered together",
      pipeline: stages,
      given: [[0, started()]],
      when: [minute, pushed("base")],
      states: { base: "done", left: "triggering", right: "triggering", top: "waiting" },
      actions: ["trigger left 1", "trigger right 1"],
    },
    {
      claim: "the step after a stage waits for the whole stage",
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
      claim: "in a graph, a step waits for all its predecessors, direct or not",
      pipeline: graph,
      given: [[0, started()]],
      when: [minute, pushed("base")],
      states: { base: "done", api: "triggering", web: "waiting", docs: "triggering" },
      actions: ["trigger api 1"],
    },
  ],
  "starts, cancellations and retries": [
    {
      claim: "a second start is refused while a run is active",
      given: buildingA,
      when: [minute, started({ newRunId: "p.run-2" })],
      outcome: "refused",
      states: { a: "building", b: "waiting", c: "waiting" },
      actions: [],
    },
    {
      claim: "with overlap: skip, a schedule leaves an active run alone",
      given: buildingA,
      when: [minute, started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 + minute })],
      outcome: "ignored",
      status: "running",
      actions: [],
    },
    {
      claim: "with overlap: restart, a schedule replaces an active run",
      pipeline: { ...chain, overlap: "restart" },
      given: buildingB,
      when: [15 * minute, started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 })],
      outcome: "advanced",
      states: { a: "triggering", b: "waiting", c: "waiting" },
      actions: ["notify runCancelled", "trigger a 1"],
    },
    {
      claim: "a start of the schedule happens once",
      given: [
        [0, started({ cause: "schedule", scheduledFor: t0 })],
        [second, failed("a", rejected)],
      ],
      when: [2 * second, started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 })],
      outcome: "duplicate",
      status: "failed",
    },
    {
      claim: "a start at a step runs it and everything after it",
      given: [],
      when: [0, started({ from: ["b"] })],
      states: { a: "skipped", b: "triggering", c: "waiting" },
      actions: ["trigger b 1"],
    },
    {
      claim: "a start at an unknown step is ignored",
      given: [],
      when: [0, started({ from: ["nope"] })],
      outcome: "ignored",
      status: null,
    },
    {
      claim: "a cancelled run ends at once",
      given: buildingB,
      when: [15 * minute, cancelled],
      outcome: "advanced",
      status: "cancelled",
      states: { a: "done", b: "skipped", c: "skipped" },
      actions: ["notify runCancelled"],
      wakeAtMs: null,
    },
    {
      claim: "a run that has ended cannot be cancelled",
      given: done,
      when: [hour, cancelled],
      outcome: "refused",
      status: "succeeded",
    },
    {
      claim: "a retry keeps the steps that are done and starts the others again",
      given: [...buildingB, [15 * minute, cancelled]],
      when: [hour, retried],
      outcome: "advanced",
      status: "running",
      states: { a: "done", b: "triggering", c: "waiting" },
      actions: ["trigger b 2"],
    },
    {
      claim: "an answer to a trigger from before the retry changes nothing",
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
      claim: "a push of a step that the retry has not triggered yet does not count",
      given: [...buildingB, [15 * minute, cancelled], [hour, retried]],
      when: [hour + second, pushed("c")],
      outcome: "ignored",
      states: { a: "done", b: "triggering", c: "waiting" },
    },
    {
      claim: "a retry leaves out steps that were not part of the run",
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
});

test("a replaced run moves to the history as cancelled", () => {
  const { replacedRun } = play({ ...chain, overlap: "restart" }, [
    ...buildingB,
    [15 * minute, started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 })],
  ]);
  expect(replacedRun).toMatchObject({ id: runId, status: "cancelled", endedAt: t0 + 15 * minute });
});

test("maxParallel limits how many ready steps are under way, and others follow when those end", () => {
  const narrow = pipelineOf({ image: "acme/x", maxParallel: 2, sequence: [["a", "b", "c", "d"], "top"] });
  const begun: TimedEvent[] = [[0, started()]];
  const four = { a: "triggering", b: "triggering", c: "waiting", d: "waiting", top: "waiting" };
  expect(statesOf(play(narrow, begun))).toEqual(four);
  const pushedB = play(narrow, [...begun, [minute, pushed("b")]]);
  expect(statesOf(pushedB)).toEqual({ ...four, b: "done", c: "triggering" });
  const failedA = play(narrow, [...begun, [minute, pushed("b")], [minute, failed("a", rejected)]]);
  expect(statesOf(failedA)).toEqual({ ...four, a: "failed", b: "done", c: "triggering", d: "triggering" });
});
