// With `rebuild: stale`, a gate decides on what it has not let pass yet, however a run comes to it.
import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/run/decide.ts";
import type { Event } from "../../../shared/run/event.ts";
import type { PipelineState } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  approved,
  cancelled,
  hour,
  minute,
  pipelineOf,
  play,
  pushed,
  runId,
  second,
  started,
  statesOf,
  t0,
} from "./story.ts";

const pipeline = pipelineOf({
  image: "acme/x",
  confirm: "webhook",
  rebuild: "stale",
  steps: {
    base: { image: "base", upstream: "debian:12" },
    tests: { gate: true, after: "base" },
    api: { image: "api", after: "tests" },
  },
});
const upstream = { kind: "image", image: "library/debian:12" } as const;
const lookedAt = (step: string, run: string, digest: string, contradictions: string[] = []): Event => ({
  kind: "stepLookedAt",
  runId: run,
  step,
  attempt: 0,
  evidence: {
    kind: "found",
    pushed: {
      digest,
      platforms: [],
      standsOn: [{ base: upstream, digest: "sha256:debian", verdict: "proven" }],
    },
    contradictions,
  },
});
const apiIsStale: Event = {
  kind: "freshnessLookedAt",
  images: [
    { step: "base", state: "fresh", because: [], since: null, isTemporary: false },
    { step: "api", state: "stale", because: ["stands on another base"], since: t0, isTemporary: false },
  ],
  newRunId: "p.run-2",
};

/** The base is built, and the gate waits for a person. */
const waiting = play(pipeline, [
  [0, started()],
  [second, lookedAt("base", runId, "sha256:0", ["stands on an earlier debian"])],
  [2 * second, accepted("base")],
  [minute, pushed("base", null, "p.run-9", "sha256:1")],
  [minute + second, accepted("tests")],
]).state;
const refused = play(pipeline, [[hour, cancelled]], waiting).state;
const passed = play(
  pipeline,
  [
    [hour, approved("tests")],
    [hour, lookedAt("api", runId, "sha256:0", ["stands on the base before"])],
    [hour + second, accepted("api")],
    [2 * hour, pushed("api", null, "p.run-9", "sha256:2")],
  ],
  waiting,
).state;

const later = (state: PipelineState, event: Event) => decide(pipeline, state, event, t0 + 48 * hour);
const nightly = started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 + 48 * hour });

test("the gate passes once a person approves it", () => {
  expect(statesOf({ state: waiting })).toEqual({ base: "done", tests: "building", api: "waiting" });
  expect(passed.run?.status).toBe("succeeded");
  expect(passed.passedGates).toEqual([{ gate: "tests", bases: [{ step: "base", digest: "sha256:1" }] }]);
  expect(refused.passedGates).toBeUndefined();
});

describe("a gate that refused what comes before it", () => {
  test("is not passed by a run of what is stale after it", () => {
    const looked = later(refused, apiIsStale);
    // The base, too: it may have been pushed without a webhook.
    expect(looked.state.run).toMatchObject({ cause: "stale", from: ["base"] });
    const decision = later(looked.state, lookedAt("base", "p.run-2", "sha256:1"));
    expect(statesOf(decision)).toEqual({ base: "fresh", tests: "triggering", api: "waiting" });
  });

  test("decides again in the next run, though nothing before it was built", () => {
    const started2 = later(refused, nightly);
    const decision = later(started2.state, lookedAt("base", "p.run-2", "sha256:1"));
    expect(statesOf(decision)).toEqual({ base: "fresh", tests: "triggering", api: "waiting" });
  });
});

describe("a gate that has let pass what comes before it", () => {
  test("has nothing to decide in a run of what is stale after it", () => {
    const decision = later(later(passed, apiIsStale).state, lookedAt("base", "p.run-2", "sha256:1"));
    expect(statesOf(decision)).toEqual({ base: "fresh", tests: "fresh", api: "due" });
    expect(actionsOf(decision)).toEqual(["look at api"]);
  });

  test("decides on what was pushed without a webhook", () => {
    const decision = later(later(passed, apiIsStale).state, lookedAt("base", "p.run-2", "sha256:3"));
    expect(statesOf(decision)).toEqual({ base: "fresh", tests: "triggering", api: "waiting" });
    const approvedThen = later(decision.state, { ...approved("tests"), runId: "p.run-2" } as Event);
    expect(approvedThen.state.passedGates).toMatchObject([{ bases: [{ digest: "sha256:3" }] }]);
  });

  test("decides in a run of what is stale on a base that is only watched, if that was pushed", () => {
    const watched = pipelineOf({
      image: "acme/x",
      confirm: "webhook",
      rebuild: "stale",
      steps: {
        base: { image: "base", watch: true },
        tests: { gate: true, after: "base" },
        api: { image: "api", after: "tests" },
      },
    });
    const decision = decide(watched, passed, apiIsStale, t0 + 48 * hour);
    expect(decision.state.run).toMatchObject({ from: ["tests"] });
    expect(statesOf(decision)).toMatchObject({ tests: "fresh", api: "due" });
    const repushed = later(passed, pushed("base", null, "p.run-3", "sha256:3")).state;
    const ended = decide(watched, repushed, { ...cancelled, runId: "p.run-3" } as Event, t0 + 49 * hour);
    const again = decide(watched, ended.state, apiIsStale, t0 + 99 * hour);
    expect(statesOf(again)).toMatchObject({ tests: "triggering", api: "waiting" });
  });

  test("has nothing to decide in the next run, if nothing before it was built", () => {
    const decision = later(later(passed, nightly).state, lookedAt("base", "p.run-2", "sha256:1"));
    expect(statesOf(decision)).toEqual({ base: "fresh", tests: "fresh", api: "due" });
  });

  test("decides on what was pushed outside of any run", () => {
    const decision = later(passed, pushed("base", null, "p.run-2", "sha256:3"));
    expect(statesOf(decision)).toEqual({ base: "skipped", tests: "triggering", api: "waiting" });
  });

  test("decides on another image of the base that is fresh", () => {
    const decision = later(later(passed, nightly).state, lookedAt("base", "p.run-2", "sha256:3"));
    expect(statesOf(decision)).toEqual({ base: "fresh", tests: "triggering", api: "waiting" });
  });
});
