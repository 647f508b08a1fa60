import { describe, expect, test } from "vitest";
import type { Event } from "../../../shared/run/event.ts";
import { findStepRun } from "../../../shared/run/state.ts";
import { buildingB, chain } from "./decide-table.ts";
import {
  accepted,
  actionsOf,
  failed,
  hour,
  minute,
  pipelineOf,
  play,
  pushed,
  rejected,
  retried,
  second,
  started,
  statesOf,
  type TimedEvent,
  tick,
} from "./story.ts";

describe("a configuration that changes while a run is active", () => {
  const { state } = play(chain, buildingB);

  test("a removed step is no longer waited for", () => {
    const shorter = pipelineOf({ image: "acme/chain", sequence: ["a", "c"] });
    const decision = play(shorter, [[15 * minute, tick]], state);
    expect(statesOf(decision)).toEqual({ a: "done", c: "triggering" });
    // The step is gone, and so is the setting that says whether it was a command: stop it in case it was.
    expect(actionsOf(decision)).toEqual(["stop b 1", "trigger c 1"]);
  });

  test("a new step becomes part of the run", () => {
    const longer = pipelineOf({ image: "acme/chain", sequence: ["a", "b", "new", "c"] });
    const decision = play(longer, [[15 * minute, pushed("b")]], state);
    expect(statesOf(decision)).toEqual({ a: "done", b: "done", new: "triggering", c: "waiting" });
  });

  test("a step that now comes after an unfinished step waits for that and is built again", () => {
    const reordered = pipelineOf({ image: "acme/chain", sequence: ["c", "b", "a"] });
    const decision = play(reordered, [[15 * minute, tick]], state);
    expect(statesOf(decision)).toEqual({ c: "triggering", b: "waiting", a: "waiting" });
  });

  test("a step that was built before its new predecessor is built again", () => {
    const both = pipelineOf({ image: "acme/chain", sequence: [["a", "b"], "c"] });
    const given: TimedEvent[] = [
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

  test("a step outside the run that now comes after one inside is built too", () => {
    const partial = play(chain, [[0, started({ from: ["c"] })]]);
    expect(statesOf(partial)).toEqual({ a: "skipped", b: "skipped", c: "triggering" });
    const reordered = pipelineOf({ image: "acme/chain", sequence: ["a", "c", "b"] });
    const decision = play(reordered, [[minute, pushed("c")]], partial.state);
    expect(statesOf(decision)).toEqual({ a: "skipped", c: "done", b: "triggering" });
  });

  test("a run without any configured step is cancelled", () => {
    const decision = play({ ...chain, steps: [] }, [[15 * minute, tick]], state);
    expect(decision.state.run?.status).toBe("cancelled");
  });
});

describe("an image that the configuration names anew", () => {
  const family = (tag: string) =>
    pipelineOf({
      image: "acme/x",
      confirm: "webhook",
      steps: { base: { image: tag }, api: { image: "api", after: "base" } },
    });
  const { state } = play(family("1.0"), [
    [0, started()],
    [second, accepted("base")],
    [minute, pushed("base", null, "p.run-2", "sha256:10")],
    [minute + second, accepted("api")],
    [2 * minute, pushed("api", null, "p.run-3", "sha256:20")],
  ]);
  const only = (step: string) => started({ newRunId: "p.run-4", from: [step] });

  test("is not pinned to what the earlier one was pushed as", () => {
    expect(play(family("1.0"), [[hour, only("api")]], state).actions).toMatchObject([
      { step: "api", bases: [{ digest: "sha256:10" }] },
    ]);
    expect(play(family("1.1"), [[hour, only("api")]], state).actions).toMatchObject([
      { step: "api", bases: [{ digest: null, pinned: "acme/x:1.1" }] },
    ]);
  });

  test("is not pinned to it in a retry of an earlier run, nor in the runs after that", () => {
    const over = play(
      family("1.0"),
      [
        [hour, only("api")],
        [hour + second, failed("api", rejected, 1, "p.run-4")],
      ],
      state,
    );
    const retry: Event = { kind: "retryRequested", runId: "p.run-4" };
    const again = play(family("1.1"), [[2 * hour, retry]], over.state);
    const unknown = [{ step: "api", bases: [{ digest: null, pinned: "acme/x:1.1" }] }];
    expect(again.actions).toMatchObject(unknown);
    const next = play(
      family("1.1"),
      [
        [2 * hour + second, { kind: "cancelled", runId: "p.run-4" }],
        [3 * hour, started({ newRunId: "p.run-5", from: ["api"] })],
      ],
      again.state,
    );
    expect(next.actions).toMatchObject(unknown);
  });

  test("is known from its own push on, also from the one that starts a run", () => {
    const event = pushed("base", null, "p.run-4", "sha256:11");
    expect(play(family("1.1"), [[hour, event]], state).actions).toMatchObject([
      { step: "api", bases: [{ digest: "sha256:11", pinned: "acme/x@sha256:11" }] },
    ]);
  });
});

test("a retry keeps nothing of a tag that was never looked up", () => {
  const failing = play(chain, [
    [0, started()],
    [second, failed("a", rejected)],
  ]);
  const again = play(chain, [[minute, retried]], failing.state);
  expect(findStepRun(again.state.run, "a")).not.toHaveProperty("replaced");
});
