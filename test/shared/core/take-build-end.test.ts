import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/core/decide.ts";
import type { BuildEnd, Event } from "../../../shared/core/event.ts";
import type { Pipeline } from "../../../shared/core/pipeline.ts";
import { wakeAtOf } from "../../../shared/core/run.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  doErrands,
  hour,
  lookedUp,
  lost,
  minute,
  notPushed,
  pipelineOf,
  play,
  pushed,
  runId,
  second,
  started,
  statesOf,
  t0,
  tick,
  failed as triggerFailed,
} from "./story.ts";

const ended = (step: string, end: BuildEnd, attempt = 1): Event => ({
  kind: "buildEnded",
  ...{ runId, step, attempt, end, random: 0 },
});
const broke: BuildEnd = { kind: "failed", reason: "GitHub Actions: failure" };
const worked: BuildEnd = { kind: "succeeded" };

const byPush = pipelineOf({ image: "acme/x", retries: 1, timeout: "1h", sequence: ["a", "b"] });
const byBuilder: Pipeline = {
  ...byPush,
  steps: byPush.steps.map((step) => ({ ...step, endedBy: "builder" })),
};
const building = (pipeline: Pipeline) =>
  play(pipeline, [
    [0, started()],
    [second, accepted("a")],
  ]).state;

describe("a build that is told to have failed", () => {
  test("is triggered again after a while, if a try is left, and once Docker Hub knows of no push", () => {
    const told = decide(byPush, building(byPush), ended("a", broke), t0 + minute);
    expect(told.state.run?.steps[0]).toMatchObject({
      state: "due",
      retried: 1,
      reason: "GitHub Actions: failure",
    });
    const wakeAt = wakeAtOf(told.state) ?? 0;
    expect(wakeAt).toBeLessThan(t0 + 2 * minute);
    const woken = decide(byPush, told.state, tick, wakeAt);
    expect(actionsOf(woken)).toEqual(["look up a"]);
    expect(actionsOf(decide(byPush, woken.state, lookedUp("a", notPushed), wakeAt))).toEqual(["trigger a 2"]);
  });

  test("fails its step at once if none is left, with the reason", () => {
    const once = { ...byPush, steps: byPush.steps.map((step) => ({ ...step, retries: 0 })) };
    const told = decide(once, building(once), ended("a", broke), t0 + minute);
    expect(told.state.run).toMatchObject({
      status: "failed",
      steps: [{ reason: "GitHub Actions: failure" }, {}],
    });
    expect(actionsOf(told)).toEqual(["notify runFailed"]);
    // Late is better than never: the push counts for all that.
    const late = decide(once, told.state, pushed("a"), t0 + 2 * minute);
    expect(late.outcome?.kind).toBe("advanced");
  });

  test("counts also where the answer to its trigger was lost", () => {
    const unknown = play(byPush, [
      [0, started()],
      [second, triggerFailed("a", lost)],
    ]).state;
    expect(decide(byPush, unknown, ended("a", broke), t0 + 2 * second).state.run?.steps[0]).toMatchObject({
      retried: 1,
    });
  });

  test.each([
    ["of another attempt", ended("a", broke, 2)],
    ["of a step that was not begun", ended("b", broke, 0)],
    ["of a step that is not there", ended("x", broke)],
    ["of another run", { ...ended("a", broke), runId: "p.run-9" } as const],
  ])("changes nothing if it is one %s", (_which, event) => {
    const state = building(byPush);
    expect(decide(byPush, state, event, t0 + minute)).toMatchObject({ state, outcome: { kind: "ignored" } });
  });

  test("changes nothing once its tag was pushed", () => {
    const { state } = decide(byPush, building(byPush), pushed("a"), t0 + minute);
    expect(decide(byPush, state, ended("a", broke), t0 + 2 * minute).state).toBe(state);
  });
});

test("a build that is told to have succeeded is done when its tag is pushed", () => {
  const state = building(byPush);
  expect(decide(byPush, state, ended("a", worked), t0 + minute)).toMatchObject({
    state,
    outcome: { kind: "ignored", reason: 'step "a" is done when its tag is pushed' },
  });
});

describe("a step that ends by the word of its builder", () => {
  test("is done by it, and what comes after is triggered", () => {
    const done = decide(byBuilder, building(byBuilder), ended("a", worked), t0 + minute);
    expect(statesOf(done)).toEqual({ a: "done", b: "triggering" });
    expect(actionsOf(done)).toEqual(["trigger b 1"]);
  });

  test("is done also where the word comes before the answer to the trigger", () => {
    const { state } = play(byBuilder, [[0, started()]]);
    expect(statesOf(decide(byBuilder, state, ended("a", worked), t0 + second)).a).toBe("done");
  });

  test("is not done by a push, within its run or as late as after it", () => {
    const state = building(byBuilder);
    expect(decide(byBuilder, state, pushed("a"), t0 + minute)).toMatchObject({
      state,
      outcome: { kind: "ignored" },
    });
    const over = play(
      byBuilder,
      [
        [minute, ended("a", worked)],
        [minute + second, accepted("b")],
        [minute + 2 * second, ended("b", worked)],
      ],
      state,
    ).state;
    expect(over.run?.status).toBe("succeeded");
    const late = decide(byBuilder, over, pushed("a", null, "p.run-2"), t0 + minute + 5 * second);
    expect(late).toMatchObject({ state: over, outcome: { kind: "duplicate" } });
  });

  test("is never looked up: after a failure it is triggered again", () => {
    const told = decide(byBuilder, building(byBuilder), ended("a", broke), t0 + minute).state;
    expect(actionsOf(decide(byBuilder, told, tick, wakeAtOf(told) ?? 0))).toEqual(["trigger a 2"]);
  });

  test("is triggered again when nothing was heard of it for longer than it may take, and then fails", () => {
    let { state } = play(byBuilder, [
      [0, started()],
      [second, accepted("a")],
    ]);
    const actions: string[] = [];
    for (let turn = 0; state.run?.status === "running" && turn < 50; turn += 1) {
      const now = wakeAtOf(state) ?? 0;
      const woken = doErrands(byBuilder, decide(byBuilder, state, tick, now), now);
      actions.push(...actionsOf(woken));
      const { attempts = 0, state: found } = woken.state.run?.steps[0] ?? {};
      state =
        found === "triggering"
          ? decide(byBuilder, woken.state, accepted("a", attempts), now + second).state
          : woken.state;
    }
    expect(actions).toEqual(["trigger a 2", "notify runStalled", "stop a 2", "notify runFailed"]);
    expect(state.run?.steps[0]).toMatchObject({ reason: "not ended in time, triggered 2 times" });
    expect(state.run?.status === "failed" ? state.run.endedAt : 0).toBeGreaterThan(t0 + 2 * hour);
  });

  test("is stopped when its run is cancelled", () => {
    expect(actionsOf(decide(byBuilder, building(byBuilder), cancelled, t0 + minute))).toContain("stop a 1");
  });
});
