import { describe, expect, test } from "vitest";
import type { NoticeKind } from "../../../shared/kinds/channel.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { Decision } from "../../../shared/run/event.ts";
import type { PipelineState } from "../../../shared/run/state.ts";
import {
  accepted,
  cancelled,
  deliverOutbox,
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
const notifying = (on: NoticeKind[], pipeline: Pipeline = chain): Pipeline => ({
  ...pipeline,
  notify: [{ channel: "ops", on }],
});

/** The notices to channels, without the one for the log. */
const noticesOf = ({ actions }: Pick<Decision, "actions">) =>
  actions.flatMap((action) =>
    action.kind === "deliverOutboxEntry" && action.entry.kind === "notify" && action.entry.channel !== null
      ? [`${action.entry.channel}: ${action.entry.subject}`]
      : [],
  );
const failA = (run = runId) => failed("a", rejected, 1, run);
const startNext = (run: string) => started({ newRunId: run });
/** Two runs of the whole pipeline that failed. */
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
  ])("that subscribes to %j gets, after a failure, %j", (on, expected) => {
    const pipeline = notifying(on);
    const { state } = play(pipeline, [[0, started()]]);
    expect(noticesOf(decide(pipeline, state, failA(), t0 + second))).toEqual(expected);
  });

  test("gets with a failure what failed, after how many attempts, and since when", () => {
    const pipeline = notifying(["failed"]);
    const state = failTwice(pipeline);
    expect(state.outage).toEqual({ since: t0 + second, steps: ["a", "b"] });
    const third = play(pipeline, [[2 * hour, startNext("p.run-3")]], state).state;
    const last = decide(pipeline, third, failA("p.run-3"), t0 + 2 * hour + second);
    const entry = last.actions
      .flatMap((action) => (action.kind === "deliverOutboxEntry" ? [action.entry] : []))
      .at(-1);
    expect(entry).toMatchObject({
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
  ])("that subscribes to %j gets, after a recovery, once, %j", (on, expected) => {
    const pipeline = notifying(on);
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
    expect(over.state.outage).toBeNull();
    // The next success is an ordinary one.
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

  test("gets a recovery also after a retry of the failed run", () => {
    const pipeline = notifying(["recovered"]);
    const { state } = play(pipeline, [
      [0, started()],
      [second, failA()],
      [minute, retried],
      [2 * minute, pushed("a")],
    ]);
    expect(noticesOf(decide(pipeline, state, pushed("b"), t0 + hour))).toEqual(["ops: runRecovered"]);
  });

  test("gets no recovery while a step has not been built since the failure", () => {
    const pipeline = notifying(["recovered", "succeeded"]);
    const partial = play(
      pipeline,
      [[2 * hour, started({ newRunId: "p.run-3", from: ["b"] })]],
      failTwice(pipeline),
    );
    const over = decide(pipeline, partial.state, pushed("b"), t0 + 3 * hour);
    expect(noticesOf(over)).toEqual(["ops: runSucceeded"]);
    expect(over.state.outage?.steps).toEqual(["a"]);
  });

  test("gets nothing about a cancelled run", () => {
    const pipeline = notifying(["failed", "stalled", "recovered", "succeeded"]);
    const { state } = play(pipeline, [[0, started()]]);
    const over = decide(pipeline, state, cancelled, t0 + minute);
    expect(noticesOf(over)).toEqual([]);
    expect(over.state.outage).toBeNull();
  });
});

describe("a run with a stalled step", () => {
  const stalledAt = (pipeline: Pipeline, ms: number) => {
    const { state } = play(pipeline, [
      [0, started()],
      [second, accepted("a")],
    ]);
    return decide(pipeline, state, tick, t0 + ms);
  };

  test("is reported as stalled once, after stalledAfter", () => {
    const pipeline = notifying(["stalled"], { ...chain, stalledAfterMs: 20 * minute });
    expect(noticesOf(stalledAt(pipeline, 16 * minute))).toEqual([]);
    const first = stalledAt(pipeline, 31 * minute);
    expect(noticesOf(first)).toEqual(["ops: runStalled"]);
    const state = deliverOutbox(pipeline, first, t0 + 31 * minute).state;
    expect(noticesOf(decide(pipeline, state, tick, t0 + 47 * minute))).toEqual([]);
    expect(state.run).toMatchObject({ status: "running", stalledAt: t0 + 31 * minute });
  });

  test("is reported with what has failed already, which comes first", () => {
    const steps = { a: { image: "acme/a:1", timeout: "1h" }, b: { image: "acme/b:1", retries: 0 } };
    const pipeline = notifying(["stalled"], { ...pipelineOf({ steps }), stalledAfterMs: 20 * minute });
    const { state } = play(pipeline, [
      [0, started()],
      [second, accepted("a")],
      [second, failed("b", rejected)],
    ]);
    const { outbox } = decide(pipeline, state, tick, t0 + 31 * minute).state;
    const names = outbox.map((entry) => entry.kind === "notify" && entry.failed.map(({ step }) => step));
    expect(names).toEqual([
      ["b", "a"],
      ["b", "a"],
    ]);
  });

  test("has recovered when it succeeds after all", () => {
    const pipeline = notifying(["recovered"], { ...chain, stalledAfterMs: 20 * minute });
    const { state } = play(pipeline, [[32 * minute, pushed("a")]], stalledAt(pipeline, 31 * minute).state);
    expect(noticesOf(decide(pipeline, state, pushed("b"), t0 + hour))).toEqual(["ops: runRecovered"]);
  });
});

test("a run logs its changes, and keeps only the latest of them", () => {
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
    long = deliverOutbox(chain, decide(chain, long, failed("a", rejected, attempt), now + second), now).state;
  }
  expect(long.run?.log).toHaveLength(200);
  expect(long.run?.log.at(-1)).toMatchObject({ step: null, state: "failed" });
});
