// A step whose builder can be asked how the build ended is neither failed for time nor built again before it was asked.
import { describe, expect, test } from "vitest";
import type { BuildAnswer } from "../../../shared/kinds/builder.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { Event } from "../../../shared/run/event.ts";
import { type PipelineState, wakeAtOf } from "../../../shared/run/state.ts";
import {
  actionsOf,
  hour,
  minute,
  pipelineOf,
  play,
  runId,
  second,
  started,
  statesOf,
  t0,
  tick,
} from "./story.ts";

const codebuild = { trigger: { codebuild: { project: "images" } } };
const pipeline = pipelineOf({
  ...codebuild,
  image: "acme/x",
  retries: 0,
  timeout: "1h",
  sequence: ["a", "b"],
});
const build = { id: "images:1", url: null };

const accepted = (attempt = 1, started: typeof build | null = build): Event => {
  return { kind: "triggerAccepted", runId, step: "a", attempt, build: started };
};
const notEnded = (answer: Exclude<BuildAnswer, { kind: "ended" }>, attempt = 1): Event => {
  return { kind: "buildNotEnded", runId, step: "a", attempt, answer, random: 0 };
};
const running = notEnded({ kind: "running" });
const unknown = notEnded({ kind: "unknown", reason: "throttled" });
const building = (of: Pipeline, event = accepted()) =>
  play(of, [
    [0, started()],
    [second, event],
  ]).state;

/** The build was looked up each quarter of an hour, until its time was over. */
function untilOver(of: Pipeline): { state: PipelineState; at: number } {
  let state = building(of);
  for (;;) {
    const at = wakeAtOf(state) ?? 0;
    const woken = decide(of, state, tick, at);
    ({ state } = woken);
    if (actionsOf(woken).some((action) => action.endsWith("at last"))) return { state, at };
  }
}

describe("a build that is under way", () => {
  test("is looked up every 15 minutes", () => {
    let state = building(pipeline);
    const instants: number[] = [];
    while (instants.length < 4) {
      const at = wakeAtOf(state) ?? 0;
      const woken = decide(pipeline, state, tick, at);
      expect(actionsOf(woken)).toContain("look up the build of a");
      instants.push((at - t0 - second) / minute);
      ({ state } = woken);
    }
    expect(instants).toEqual([15, 30, 45, 60]);
  });

  test("is not looked up if the answer to its trigger named no build", () => {
    const state = building(pipeline, accepted(1, null));
    expect(actionsOf(decide(pipeline, state, tick, t0 + 16 * minute))).toEqual([]);
  });

  test("is looked up beside its tag, if a push ends its step", () => {
    const pushed: Pipeline = {
      ...pipeline,
      steps: pipeline.steps.map((step) => ({ ...step, endedBy: "push" })),
    };
    expect(actionsOf(decide(pushed, building(pushed), tick, t0 + 16 * minute))).toEqual([
      "look up the build of a",
      "look up a",
    ]);
  });
});

describe("when its time is over", () => {
  test("a build that still runs fails its step, but not before the builder has said so", () => {
    const { state, at } = untilOver(pipeline);
    expect(at).toBeGreaterThanOrEqual(t0 + hour);
    expect(statesOf({ state }).a).toBe("building");
    const failed = decide(pipeline, state, running, at + second);
    expect(failed.state.run).toMatchObject({
      status: "failed",
      steps: [{ state: "failed", reason: "not ended in time, triggered once" }, {}],
    });
    expect(actionsOf(failed)).toContain("stop a 1");
  });

  test("a build that still runs is built again if a retry is left", () => {
    const patient = { ...pipeline, steps: pipeline.steps.map((step) => ({ ...step, retries: 1 })) };
    const { state, at } = untilOver(patient);
    expect(actionsOf(decide(patient, state, running, at + second))).toContain("trigger a 2");
  });

  test("a build that has ended meanwhile counts", () => {
    const { state, at } = untilOver(pipeline);
    const ended: Event = {
      kind: "buildEnded",
      runId,
      step: "a",
      attempt: 1,
      end: { kind: "succeeded" },
      random: 0,
    };
    expect(statesOf(decide(pipeline, state, ended, at + second))).toEqual({ a: "done", b: "triggering" });
  });

  test("the builder is asked five times before its silence fails the step", () => {
    let { state, at } = untilOver(pipeline);
    const actions: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      ({ state } = decide(pipeline, state, unknown, at));
      if (state.run?.status !== "running") break;
      at = wakeAtOf(state) ?? 0;
      const woken = decide(pipeline, state, tick, at);
      actions.push(...actionsOf(woken));
      ({ state } = woken);
    }
    expect(actions).toEqual(Array(4).fill("look up the build of a at last"));
    expect(state.run?.steps[0]).toMatchObject({
      reason: "not ended in time, triggered once; its builder could not be asked (throttled)",
    });
  });

  test("a lost answer is asked for again after half a minute", () => {
    const { state, at } = untilOver(pipeline);
    const wakeAt = wakeAtOf(state) ?? 0;
    expect(wakeAt).toBe(at + 30 * second);
    expect(actionsOf(decide(pipeline, state, tick, wakeAt))).toEqual(["look up the build of a at last"]);
  });

  test.each([
    ["before that", running, 30 * minute],
    ["for another attempt", notEnded({ kind: "running" }, 2), 2 * hour],
  ])("an answer %s changes nothing", (_when, event, afterMs) => {
    const state = building(pipeline);
    expect(decide(pipeline, state, event, t0 + afterMs).state).toBe(state);
  });
});
