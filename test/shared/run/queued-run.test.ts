import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/run/decide.ts";
import type { Event } from "../../../shared/run/event.ts";
import { wakeAtOf } from "../../../shared/run/state.ts";
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
const source = (value: string, from: string[] | null, newRunId = "p.run-2"): Event =>
  started({ cause: "source", newRunId, from, seen: { name: "source acme/x main", value } });
const endAll = [pushed("a"), pushed("b"), pushed("c")].map(
  (push, index) => [minute + index * second, push] as const,
);

describe("a run that is requested while another is active", () => {
  test("starts as soon as that one ends, together with all other requests", () => {
    const { state } = play(pipeline, [
      [0, started()],
      [second, source("1", ["a"])],
      [2 * second, source("2", ["b"], "p.run-3")],
      ...endAll,
    ]);
    expect(state.run).toMatchObject({ status: "succeeded" });
    const begun = decide(pipeline, state, tick, t0 + 2 * minute);
    expect(begun.replacedRun?.id).toBe(state.run?.id);
    expect(begun.state.run).toMatchObject({ id: "p.run-2", cause: "source", from: ["a", "b"] });
    expect(actionsOf(begun)).toEqual(["trigger a 1", "trigger b 1"]);
    expect(begun.state.queuedRun).toBeNull();
  });

  test("is started at the end of that one, or by a sweep if that action is lost", () => {
    const queued = play(pipeline, [
      [0, started()],
      [second, source("1", ["c"])],
    ]).state;
    const over = play(pipeline, endAll, queued);
    expect(actionsOf(over)).toContain("start queued run");
    expect(wakeAtOf(over.state)).toBe(t0 + second);
  });

  test.each([
    ["fails", failed("a", rejected)],
    ["is cancelled", cancelled],
  ])("also starts if the active run %s", (_how, event) => {
    const queued = play(pipeline, [
      [0, started()],
      [second, source("1", ["c"])],
    ]).state;
    const over = play(
      pipeline,
      [
        [minute, event],
        [minute + second, pushed("b")],
      ],
      queued,
    ).state;
    expect(over.run?.status).not.toBe("running");
    expect(statesOf(decide(pipeline, over, tick, t0 + hour))).toEqual({
      a: "skipped",
      b: "skipped",
      c: "triggering",
    });
  });

  test("is a duplicate if it is requested again", () => {
    const queued = play(pipeline, [
      [0, started()],
      [second, source("1", ["a"])],
    ]).state;
    expect(decide(pipeline, queued, source("1", ["a"]), t0 + minute)).toMatchObject({
      state: queued,
      outcome: { kind: "duplicate", reason: "source acme/x main 1 was already seen" },
    });
  });

  test("may come from any number of branches, of which the last five hundred are known", () => {
    const events = Array.from({ length: 600 }, (_, index) =>
      started({
        cause: "source",
        newRunId: `p.run-${index}`,
        from: null,
        seen: { name: `source acme/x branch-${index}`, value: "1" },
      }),
    );
    const { state } = play(pipeline, [[0, started()], ...events.map((event) => [second, event] as const)]);
    expect(state.lastSeen).toHaveLength(500);
    expect(decide(pipeline, state, source("1", null), t0 + minute).outcome?.kind).toBe("advanced");
    const [last = started()] = events.slice(-1);
    expect(decide(pipeline, state, last, t0 + minute).outcome?.kind).toBe("duplicate");
  });

  test("is covered by a run of the whole pipeline that replaces the active one", () => {
    const restart = { ...pipeline, overlap: "restart" } as const;
    const queued = play(restart, [
      [0, started()],
      [second, source("1", ["a"])],
    ]).state;
    const schedule = started({ cause: "schedule", newRunId: "p.run-3", scheduledFor: t0 + minute });
    expect(decide(restart, queued, schedule, t0 + minute).state).toMatchObject({
      run: { from: null },
      queuedRun: null,
    });
  });

  test("is not covered by a run that would leave out what it builds", () => {
    const stale = { ...pipeline, overlap: "restart", rebuild: "stale" } as const;
    const queued = play(stale, [
      [0, started()],
      [second, source("1", ["c"])],
    ]).state;
    const schedule = started({ cause: "schedule", newRunId: "p.run-3", scheduledFor: t0 + minute });
    expect(decide(stale, queued, schedule, t0 + minute).state).toMatchObject({
      run: { from: null },
      queuedRun: { from: ["c"] },
    });
  });

  test("leaves out steps that are no longer configured", () => {
    const over = play(pipeline, [[0, started()], [second, source("1", ["b", "c"])], ...endAll]).state;
    const { steps } = pipeline;
    const without = { ...pipeline, steps: steps.filter(({ name }) => name !== "b") };
    expect(decide(without, over, tick, t0 + hour).state.run).toMatchObject({ from: ["c"] });
    const gone = decide({ ...pipeline, steps: steps.slice(0, 1) }, over, tick, t0 + hour);
    expect(gone.state).toEqual({ ...over, queuedRun: null });
  });
});

describe("an upstream image", () => {
  const upstreams = ["library/debian:12"];
  const built = {
    ...pipeline,
    steps: pipeline.steps.map((step) => ({ ...step, upstreams: step.name === "b" ? upstreams : [] })),
  };
  const seen = (digest: string): Event => ({
    kind: "upstreamsLookedUp",
    digests: [{ image: "library/debian:12", digest, platforms: null }],
    newRunId: "p.run-2",
  });

  test("that is seen for the first time starts nothing", () => {
    const first = play(built, [[0, seen("sha256:1")]]);
    expect(first.state).toMatchObject({
      run: null,
      lastSeen: [{ name: "image library/debian:12", value: "sha256:1" }],
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

  test("that changes while a run is active queues another run", () => {
    const changed = play(built, [
      [0, seen("sha256:1")],
      [hour, started()],
      [hour + minute, seen("sha256:2")],
    ]);
    expect(changed.state.queuedRun).toMatchObject({ cause: "upstream", from: ["b"] });
  });
});
