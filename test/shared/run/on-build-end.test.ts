import { describe, expect, test } from "vitest";
import type { BuildEnd } from "../../../shared/kinds/builder.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { Event } from "../../../shared/run/event.ts";
import { wakeAtOf } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  deliverOutbox,
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
  runId,
  step,
  attempt,
  end,
  random: 0,
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

describe("a build that is reported as failed", () => {
  test("is triggered again after a backoff, if a retry is left and Docker Hub shows no push", () => {
    const reported = decide(byPush, building(byPush), ended("a", broke), t0 + minute);
    expect(reported.state.run?.steps[0]).toMatchObject({
      state: "due",
      retriesUsed: 1,
      reason: "GitHub Actions: failure",
    });
    const wakeAt = wakeAtOf(reported.state) ?? 0;
    expect(wakeAt).toBeLessThan(t0 + 2 * minute);
    const woken = decide(byPush, reported.state, tick, wakeAt);
    expect(actionsOf(woken)).toEqual(["look up a"]);
    expect(actionsOf(decide(byPush, woken.state, lookedUp("a", notPushed), wakeAt))).toEqual(["trigger a 2"]);
  });

  test("fails its step at once if no retry is left, with the reason", () => {
    const once = { ...byPush, steps: byPush.steps.map((step) => ({ ...step, retries: 0 })) };
    const reported = decide(once, building(once), ended("a", broke), t0 + minute);
    expect(reported.state.run).toMatchObject({
      status: "failed",
      steps: [{ reason: "GitHub Actions: failure" }, {}],
    });
    expect(actionsOf(reported)).toEqual(["notify runFailed"]);
    // A late push still counts.
    const late = decide(once, reported.state, pushed("a"), t0 + 2 * minute);
    expect(late.outcome?.kind).toBe("advanced");
  });

  test("counts even if the answer to its trigger was lost", () => {
    const unknown = play(byPush, [
      [0, started()],
      [second, triggerFailed("a", lost)],
    ]).state;
    expect(decide(byPush, unknown, ended("a", broke), t0 + 2 * second).state.run?.steps[0]).toMatchObject({
      retriesUsed: 1,
    });
  });

  test.each([
    ["for another attempt", ended("a", broke, 2)],
    ["for a step that was not triggered", ended("b", broke, 0)],
    ["for an unknown step", ended("x", broke)],
    ["for another run", { ...ended("a", broke), runId: "p.run-9" } as const],
  ])("changes nothing if it is %s", (_which, event) => {
    const state = building(byPush);
    expect(decide(byPush, state, event, t0 + minute)).toMatchObject({ state, outcome: { kind: "ignored" } });
  });

  test("changes nothing once its tag was pushed", () => {
    const { state } = decide(byPush, building(byPush), pushed("a"), t0 + minute);
    expect(decide(byPush, state, ended("a", broke), t0 + 2 * minute).state).toBe(state);
  });
});

test("a build that is reported as succeeded is done only when its tag is pushed", () => {
  const state = building(byPush);
  expect(decide(byPush, state, ended("a", worked), t0 + minute)).toMatchObject({
    state,
    outcome: { kind: "ignored", reason: 'step "a" is done when its tag is pushed' },
  });
});

describe("a step that ends by its builder's report", () => {
  test("is done by a report of success, and the next step is triggered", () => {
    const done = decide(byBuilder, building(byBuilder), ended("a", worked), t0 + minute);
    expect(statesOf(done)).toEqual({ a: "done", b: "triggering" });
    expect(actionsOf(done)).toEqual(["trigger b 1"]);
  });

  test("is done even if the report comes before the answer to the trigger", () => {
    const { state } = play(byBuilder, [[0, started()]]);
    expect(statesOf(decide(byBuilder, state, ended("a", worked), t0 + second)).a).toBe("done");
  });

  test("is not done by a push, during its run or after it", () => {
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
    const reported = decide(byBuilder, building(byBuilder), ended("a", broke), t0 + minute).state;
    expect(actionsOf(decide(byBuilder, reported, tick, wakeAtOf(reported) ?? 0))).toEqual(["trigger a 2"]);
  });

  test("is triggered again at its time-out without a report, and fails at the next one", () => {
    let { state } = play(byBuilder, [
      [0, started()],
      [second, accepted("a")],
    ]);
    const actions: string[] = [];
    for (let turn = 0; state.run?.status === "running" && turn < 50; turn += 1) {
      const now = wakeAtOf(state) ?? 0;
      const woken = deliverOutbox(byBuilder, decide(byBuilder, state, tick, now), now);
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
