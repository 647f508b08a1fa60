import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/core/decide.ts";
import type { Decision } from "../../../shared/core/event.ts";
import type { NoticeKind, Pipeline } from "../../../shared/core/pipeline.ts";
import type { PipelineState } from "../../../shared/core/run.ts";
import {
  accepted,
  cancelled,
  doErrands,
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
  t0,
  tick,
} from "./story.ts";

const chain = pipelineOf({ image: "acme/x", timeout: "1h", retries: 1, sequence: ["a", "b"] });
const told = (on: NoticeKind[], pipeline: Pipeline = chain): Pipeline => ({
  ...pipeline,
  notify: [{ channel: "ops", on }],
});

/** What the channels are told, and not the log. */
const noticesOf = ({ actions }: Pick<Decision, "actions">) =>
  actions.flatMap((action) =>
    action.kind === "runErrand" && action.errand.kind === "notify" && action.errand.channel !== null
      ? [`${action.errand.channel}: ${action.errand.subject}`]
      : [],
  );
const failA = (run = runId) => failed("a", rejected, 1, run);
const startNext = (run: string) => started({ newRunId: run });
/** The story after the run that ended it, with a new run of everything. */
const failTwice = (pipeline: Pipeline): PipelineState =>
  play(pipeline, [
    [0, started()],
    [second, failA()],
    [hour, startNext("p.run-2")],
    [hour + second, failA("p.run-2")],
  ]).state;

describe("a channel", () => {
  test.each<[NoticeKind[], string[]]>([
    [["failed"], ["ops: runFailed"]],
    [["succeeded", "recovered", "stalled"], []],
  ])("that wants to hear of %j is told of a failure: %j", (on, expected) => {
    const pipeline = told(on);
    const { state } = play(pipeline, [[0, started()]]);
    expect(noticesOf(decide(pipeline, state, failA(), t0 + second))).toEqual(expected);
  });

  test("hears of a failure with what failed, how often it was tried, and since when", () => {
    const pipeline = told(["failed"]);
    const state = failTwice(pipeline);
    expect(state.trouble).toEqual({ since: t0 + second, steps: ["a", "b"] });
    const third = play(pipeline, [[2 * hour, startNext("p.run-3")]], state).state;
    const last = decide(pipeline, third, failA("p.run-3"), t0 + 2 * hour + second);
    const errand = last.actions
      .flatMap((action) => (action.kind === "runErrand" ? [action.errand] : []))
      .at(-1);
    expect(errand).toMatchObject({
      subject: "runFailed",
      channel: "ops",
      since: t0 + second,
      failed: [{ step: "a", reason: "the trigger is gone", attempts: 1 }],
    });
  });

  test.each<[NoticeKind[], string[]]>([
    [["recovered"], ["ops: runRecovered"]],
    [["succeeded"], ["ops: runSucceeded"]],
    [["succeeded", "recovered"], ["ops: runRecovered"]],
    [["failed"], []],
  ])("that wants to hear of %j is told of a recovery, once: %j", (on, expected) => {
    const pipeline = told(on);
    const again = play(
      pipeline,
      [
        [2 * hour, startNext("p.run-3")],
        [2 * hour + minute, pushed("a")],
      ],
      failTwice(pipeline),
    );
    const over = decide(pipeline, again.state, pushed("b"), t0 + 3 * hour);
    expect(noticesOf(over)).toEqual(expected);
    expect(over.state.trouble).toBeNull();
    // The next success is one like any other.
    const next = play(
      pipeline,
      [
        [4 * hour, startNext("p.run-4")],
        [4 * hour + minute, pushed("a")],
      ],
      over.state,
    );
    expect(noticesOf(decide(pipeline, next.state, pushed("b"), t0 + 5 * hour))).toEqual(
      on.includes("succeeded") ? ["ops: runSucceeded"] : [],
    );
  });

  test("hears of a recovery also after a retry of the run that failed", () => {
    const pipeline = told(["recovered"]);
    const { state } = play(pipeline, [
      [0, started()],
      [second, failA()],
      [minute, retried],
      [2 * minute, pushed("a")],
    ]);
    expect(noticesOf(decide(pipeline, state, pushed("b"), t0 + hour))).toEqual(["ops: runRecovered"]);
  });

  test("does not hear of a recovery while a step has not been built since", () => {
    const pipeline = told(["recovered", "succeeded"]);
    const partial = play(
      pipeline,
      [[2 * hour, started({ newRunId: "p.run-3", from: ["b"] })]],
      failTwice(pipeline),
    );
    const over = decide(pipeline, partial.state, pushed("b"), t0 + 3 * hour);
    expect(noticesOf(over)).toEqual(["ops: runSucceeded"]);
    expect(over.state.trouble?.steps).toEqual(["a"]);
  });

  test("hears nothing of a run that a person has cancelled", () => {
    const pipeline = told(["failed", "stalled", "recovered", "succeeded"]);
    const { state } = play(pipeline, [[0, started()]]);
    const over = decide(pipeline, state, cancelled, t0 + minute);
    expect(noticesOf(over)).toEqual([]);
    expect(over.state.trouble).toBeNull();
  });
});

describe("a run in which a step gets no further", () => {
  const stalledAt = (pipeline: Pipeline, ms: number) => {
    const { state } = play(pipeline, [
      [0, started()],
      [second, accepted("a")],
    ]);
    return decide(pipeline, state, tick, t0 + ms);
  };

  test("is said to be stalled once, as soon as the pipeline says", () => {
    const pipeline = told(["stalled"], { ...chain, stalledAfterMs: 20 * minute });
    expect(noticesOf(stalledAt(pipeline, 16 * minute))).toEqual([]);
    const first = stalledAt(pipeline, 31 * minute);
    expect(noticesOf(first)).toEqual(["ops: runStalled"]);
    const state = doErrands(pipeline, first, t0 + 31 * minute).state;
    expect(noticesOf(decide(pipeline, state, tick, t0 + 47 * minute))).toEqual([]);
    expect(state.run).toMatchObject({ status: "running", stalledAt: t0 + 31 * minute });
  });

  test("is out of trouble when it succeeds after all", () => {
    const pipeline = told(["recovered"], { ...chain, stalledAfterMs: 20 * minute });
    const { state } = play(pipeline, [[32 * minute, pushed("a")]], stalledAt(pipeline, 31 * minute).state);
    expect(noticesOf(decide(pipeline, state, pushed("b"), t0 + hour))).toEqual(["ops: runRecovered"]);
  });
});

test("a run keeps what happened in it, and no more than the newest of it", () => {
  const { state } = play(chain, [
    [0, started()],
    [second, failA()],
  ]);
  expect(state.run?.log.map(({ step, state: to }) => `${step ?? "run"} ${to}`)).toEqual([
    "run running",
    "a triggering",
    "a failed",
    "b skipped",
    "run failed",
  ]);
  expect(state.run?.log[2]).toEqual({
    at: t0 + second,
    step: "a",
    state: "failed",
    attempt: 1,
    reason: "the trigger is gone",
  });
  let long = state;
  for (let turn = 0; turn < 100; turn += 1) {
    const now = t0 + hour + turn * minute;
    long = decide(chain, long, retried, now).state;
    const attempt = long.run?.steps[0]?.attempts ?? 0;
    long = doErrands(chain, decide(chain, long, failed("a", rejected, attempt), now + second), now).state;
  }
  expect(long.run?.log).toHaveLength(200);
  expect(long.run?.log.at(-1)).toMatchObject({ step: null, state: "failed" });
});
