import { expect, test } from "vitest";
import { decide } from "../../../shared/core/decide.ts";
import type { BuildEnd, Event } from "../../../shared/core/event.ts";
import type { Pipeline } from "../../../shared/core/pipeline.ts";
import { wakeAtOf } from "../../../shared/core/run.ts";
import {
  accepted,
  actionsOf,
  cancelled,
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

/** Step b is due again, and has not been triggered since. */
const retriedRun = [
  [0, started()],
  [0, accepted("a")],
  [minute, pushed("a")],
  [minute + 100_000, { kind: "tick" }],
  [minute + 100_001, cancelled],
  [minute + 100_002, retried],
] as const;

test("an answer to a trigger from before the run was retried does not make its step build", () => {
  const late = play(chain, [...retriedRun, [minute + 100_003, accepted("b")]]);
  expect(statesOf(late)).toEqual({ a: "done", b: "due" });
  const woken = decide(chain, late.state, { kind: "tick" }, t0 + hour);
  expect(actionsOf(woken)).toEqual(["trigger b 2"]);
});

test("a look-up from before the run was retried does not trigger its step", () => {
  const late = play(chain, [...retriedRun, [minute + 100_003, lookedUp("b", notPushed)]]);
  expect(statesOf(late)).toEqual({ a: "done", b: "due" });
  expect(wakeAtOf(late.state)).toBe(t0 + minute + 200_002);
});

test("a failure that is told twice uses up one retry", () => {
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

test("a build that is told to have failed before its trigger was answered is not waited for", () => {
  const told = play(chain, [
    [0, started()],
    [1, ended("a", failure)],
    [2, accepted("a")],
  ]);
  expect(told.state.run?.steps[0]).toMatchObject({ state: "due", retried: 1, reason: "the build failed" });
});

test("an answer that comes after its deadline is an answer all the same", () => {
  const late = play(chain, [
    [0, started()],
    [20_000, { kind: "tick" }],
    [21_000, accepted("a")],
  ]);
  expect(statesOf(late)).toMatchObject({ a: "building" });
});

test("the end of a build whose trigger was not answered counts", () => {
  const unknown: Event = { kind: "triggerFailed", runId, step: "a", attempt: 1, failure: lost, random: 0 };
  const told = play(command, [
    [0, started()],
    [10_000, unknown],
    [11_000, ended("a", { kind: "succeeded" })],
  ]);
  expect(statesOf(told)).toMatchObject({ a: "done" });
});

test("the attempts of a step whose image is another one are counted on: an end of the old one is none of the new", () => {
  const begun = play(command, [
    [0, started()],
    [0, accepted("a")],
  ]);
  const redeployed: Pipeline = {
    ...command,
    steps: command.steps.map((step) => ({ ...step, image: { ...step.image, repository: "acme/new" } })),
  };
  const again = decide(redeployed, begun.state, { kind: "tick" }, t0 + minute);
  expect(actionsOf(again)).toEqual(["stop a 1", "trigger a 2"]);
  const told = decide(redeployed, again.state, ended("a", { kind: "succeeded" }), t0 + 2 * minute);
  expect(statesOf(told)).toMatchObject({ a: "triggering" });
});

test("a command whose step was taken out of the configuration, or is begun anew, is stopped", () => {
  const { state } = play(command, [
    [0, started()],
    [0, accepted("a")],
  ]);
  const without: Pipeline = { ...command, steps: command.steps.slice(1) };
  expect(actionsOf(decide(without, state, { kind: "tick" }, t0 + minute))).toContain("stop a 1");
  const [first, second] = command.steps;
  if (first === undefined || second === undefined) throw new Error("expected two steps");
  const renamed = { ...first, image: { ...first.image, tag: "other" } };
  const changed: Pipeline = { ...command, steps: [renamed, second] };
  const again = decide(changed, state, { kind: "tick" }, t0 + minute);
  expect(actionsOf(again)).toEqual(["stop a 1", "trigger a 2"]);
});

test("a push does not finish a command's step of a cancelled run", () => {
  const { state } = play(command, [
    [0, started()],
    [0, accepted("a")],
    [minute, cancelled],
    [2 * minute, pushed("a", null, "p.run-2")],
  ]);
  expect(state.run).toMatchObject({ id: "p.run-2", cause: "push" });
});
