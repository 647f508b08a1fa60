import { expect, test } from "vitest";
import type { BuildEnd } from "../../../shared/kinds/builder.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { Event } from "../../../shared/run/event.ts";
import { wakeAtOf } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  failed,
  hour,
  lookedUp,
  lost,
  minute,
  notPushed,
  pipelineOf,
  play,
  pushed,
  retried,
  runId,
  started,
  statesOf,
  t0,
} from "./story.ts";

const chain = pipelineOf({ image: "acme/chain", delay: "100s", retries: 1, sequence: ["a", "b"] });
const command: Pipeline = {
  ...chain,
  steps: chain.steps.map((step) => ({ ...step, endedBy: "builder" })),
};
const failure: BuildEnd = { kind: "failed", reason: "the build failed" };

function ended(step: string, end: BuildEnd, attempt = 1): Event {
  return { kind: "buildEnded", runId, step, attempt, end, random: 0 };
}

/** Step b is due again, and not triggered yet. */
const retriedRun = [
  [0, started()],
  [0, accepted("a")],
  [minute, pushed("a")],
  [minute + 100_000, { kind: "tick" }],
  [minute + 100_001, cancelled],
  [minute + 100_002, retried],
] as const;

test("an answer to a trigger from before a retry of the run does not count", () => {
  const late = play(chain, [...retriedRun, [minute + 100_003, accepted("b")]]);
  expect(statesOf(late)).toEqual({ a: "done", b: "due" });
  const woken = decide(chain, late.state, { kind: "tick" }, t0 + hour);
  expect(actionsOf(woken)).toEqual(["trigger b 2"]);
});

test("a look-up from before a retry of the run does not trigger its step", () => {
  const late = play(chain, [...retriedRun, [minute + 100_003, lookedUp("b", notPushed)]]);
  expect(statesOf(late)).toEqual({ a: "done", b: "due" });
  expect(wakeAtOf(late.state)).toBe(t0 + minute + 200_002);
});

test("a failure that is reported twice uses up one retry", () => {
  const once = play(chain, [
    [0, started()],
    [0, accepted("a")],
    [minute, ended("a", failure)],
  ]);
  const twice = decide(chain, once.state, ended("a", failure), t0 + minute + 1);
  expect(twice.outcome).toMatchObject({ kind: "ignored" });
  expect(twice.state).toBe(once.state);
  expect(statesOf(twice)).toMatchObject({ a: "due" });
});

test("a build that is reported as failed before its trigger was answered is retried", () => {
  const reported = play(chain, [
    [0, started()],
    [1, ended("a", failure)],
    [2, accepted("a")],
  ]);
  expect(reported.state.run?.steps[0]).toMatchObject({
    state: "due",
    retriesUsed: 1,
    reason: "the build failed",
  });
});

test("an answer after its deadline still counts", () => {
  const late = play(chain, [
    [0, started()],
    [20_000, { kind: "tick" }],
    [21_000, accepted("a")],
  ]);
  expect(statesOf(late)).toMatchObject({ a: "building" });
});

test("the end of a build whose trigger was not answered counts", () => {
  const unknown = failed("a", lost);
  const reported = play(command, [
    [0, started()],
    [10_000, unknown],
    [11_000, ended("a", { kind: "succeeded" })],
  ]);
  expect(statesOf(reported)).toMatchObject({ a: "done" });
});

test("attempts keep counting when an image changes, so that the end of the old build does not end the new one", () => {
  const begun = play(command, [
    [0, started()],
    [0, accepted("a")],
  ]);
  const redeployed: Pipeline = {
    ...command,
    steps: command.steps.map((step) => ({ ...step, image: { tag: step.name, repository: "acme/new" } })),
  };
  const again = decide(redeployed, begun.state, { kind: "tick" }, t0 + minute);
  expect(actionsOf(again)).toEqual(["stop a 1", "trigger a 2"]);
  const reported = decide(redeployed, again.state, ended("a", { kind: "succeeded" }), t0 + 2 * minute);
  expect(statesOf(reported)).toMatchObject({ a: "triggering" });
});

test("a command is stopped if its step is no longer configured or starts again", () => {
  const { state } = play(command, [
    [0, started()],
    [0, accepted("a")],
  ]);
  const without: Pipeline = { ...command, steps: command.steps.slice(1) };
  expect(actionsOf(decide(without, state, { kind: "tick" }, t0 + minute))).toContain("stop a 1");
  const [first, second] = command.steps;
  if (first === undefined || second === undefined) throw new Error("expected two steps");
  const renamed = { ...first, image: { repository: "acme/x", tag: "other" } };
  const changed: Pipeline = { ...command, steps: [renamed, second] };
  const again = decide(changed, state, { kind: "tick" }, t0 + minute);
  expect(actionsOf(again)).toEqual(["stop a 1", "trigger a 2"]);
});

test("a push does not complete a command's step of a cancelled run", () => {
  const { state } = play(command, [
    [0, started()],
    [0, accepted("a")],
    [minute, cancelled],
    [2 * minute, pushed("a", null, "p.run-2")],
  ]);
  expect(state.run).toMatchObject({ id: "p.run-2", cause: "push" });
});
