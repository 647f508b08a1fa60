import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/core/decide.ts";
import type { Event } from "../../../shared/core/event.ts";
import { wakeAtOf } from "../../../shared/core/run.ts";
import {
  actionsOf,
  cancelled,
  failed,
  hour,
  minute,
  pipelineOf,
  play,
  pushed,
  rejected,
  second,
  started,
  statesOf,
  t0,
  tick,
} from "./story.ts";

const pipeline = pipelineOf({ image: "acme/x", sequence: [["a", "b"], "c"] });
const source = (is: string, from: string[] | null, newRunId = "p.run-2"): Event =>
  started({ cause: "source", newRunId, from, news: { of: "source acme/x main", is } });
const endAll = [pushed("a"), pushed("b"), pushed("c")].map(
  (push, index) => [minute + index * second, push] as const,
);

describe("what is to be run while a run is active", () => {
  test("is run at its end, at once, all of it in one run", () => {
    const { state } = play(pipeline, [
      [0, started()],
      [second, source("1", ["a"])],
      [2 * second, source("2", ["b"], "p.run-3")],
      ...endAll,
    ]);
    expect(state.run).toMatchObject({ status: "succeeded" });
    const begun = decide(pipeline, state, tick, t0 + 2 * minute);
    expect(begun.replaced?.id).toBe(state.run?.id);
    expect(begun.state.run).toMatchObject({ id: "p.run-2", cause: "source", from: ["a", "b"] });
    expect(actionsOf(begun)).toEqual(["trigger a 1", "trigger b 1"]);
    expect(begun.state.next).toBeNull();
  });

  test("is told of at the run's end, and found by a sweep should that be lost", () => {
    const asked = play(pipeline, [
      [0, started()],
      [second, source("1", ["c"])],
    ]).state;
    const over = play(pipeline, endAll, asked);
    expect(actionsOf(over)).toContain("start next");
    expect(wakeAtOf(over.state)).toBe(t0 + second);
  });

  test.each([
    ["fails", failed("a", rejected)],
    ["is cancelled", cancelled],
  ])("is run also when the active one %s", (_how, event) => {
    const asked = play(pipeline, [
      [0, started()],
      [second, source("1", ["c"])],
    ]).state;
    const over = play(
      pipeline,
      [
        [minute, event],
        [minute + second, pushed("b")],
      ],
      asked,
    ).state;
    expect(over.run?.status).not.toBe("running");
    expect(statesOf(decide(pipeline, over, tick, t0 + hour))).toEqual({
      a: "skipped",
      b: "skipped",
      c: "triggering",
    });
  });

  test("is known when it is told of again, then and later", () => {
    const asked = play(pipeline, [
      [0, started()],
      [second, source("1", ["a"])],
    ]).state;
    expect(decide(pipeline, asked, source("1", ["a"]), t0 + minute)).toMatchObject({
      state: asked,
      outcome: { kind: "duplicate", reason: "source acme/x main 1 was seen before" },
    });
  });

  test("is part of a run of everything that takes the active one's place", () => {
    const restart = { ...pipeline, overlap: "restart" } as const;
    const asked = play(restart, [
      [0, started()],
      [second, source("1", ["a"])],
    ]).state;
    const schedule = started({ cause: "schedule", newRunId: "p.run-3", scheduledFor: t0 + minute });
    expect(decide(restart, asked, schedule, t0 + minute).state).toMatchObject({
      run: { from: null },
      next: null,
    });
  });

  test("is left out as far as it is gone from the configuration", () => {
    const over = play(pipeline, [[0, started()], [second, source("1", ["b", "c"])], ...endAll]).state;
    const { steps } = pipeline;
    const without = { ...pipeline, steps: steps.filter(({ name }) => name !== "b") };
    expect(decide(without, over, tick, t0 + hour).state.run).toMatchObject({ from: ["c"] });
    const gone = decide({ ...pipeline, steps: steps.slice(0, 1) }, over, tick, t0 + hour);
    expect(gone.state).toEqual({ ...over, next: null });
  });
});

describe("an upstream", () => {
  const upstreams = ["library/debian:12"];
  const built = {
    ...pipeline,
    steps: pipeline.steps.map((step) => ({ ...step, upstreams: step.name === "b" ? upstreams : [] })),
  };
  const seen = (digest: string): Event => ({
    kind: "upstreamsLookedUp",
    digests: [{ image: "library/debian:12", digest }],
    newRunId: "p.run-2",
  });

  test("that is seen for the first time starts nothing", () => {
    const first = play(built, [[0, seen("sha256:1")]]);
    expect(first.state).toMatchObject({
      run: null,
      news: [{ of: "image library/debian:12", is: "sha256:1" }],
    });
  });

  test("that has changed starts a run from the steps that name it, once", () => {
    const changed = play(built, [
      [0, seen("sha256:1")],
      [hour, seen("sha256:2")],
    ]);
    expect(changed.state.run).toMatchObject({ cause: "upstream", from: ["b"] });
    expect(statesOf(changed)).toEqual({ a: "skipped", b: "triggering", c: "waiting" });
    const again = decide(built, changed.state, seen("sha256:2"), t0 + 2 * hour);
    expect(again).toMatchObject({ state: changed.state, actions: [] });
  });

  test("that changes while a run is active is followed by another run", () => {
    const changed = play(built, [
      [0, seen("sha256:1")],
      [hour, started()],
      [hour + minute, seen("sha256:2")],
    ]);
    expect(changed.state.next).toMatchObject({ cause: "upstream", from: ["b"] });
  });
});
