// Gates, and the promotion of a whole run, as far as `decide` goes.
import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/run/decide.ts";
import type { Event, EventOf } from "../../../shared/run/event.ts";
import { wakeAtOf } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  hour,
  minute,
  pipelineOf,
  play,
  retried,
  runId,
  second,
  started,
  statesOf,
  t0,
  tick,
} from "./story.ts";

const inputs = { image: "{image}", pins: "{pins}" };
const trigger = { github: { repository: "acme/x", workflow: "image.yml", inputs, secret: "TOKEN" } };
const family = pipelineOf({
  promote: "together",
  done: "built",
  trigger,
  retries: 0,
  steps: { a: { image: "acme/x:a" }, b: { image: "acme/x:b", after: "a" } },
});
const gated = pipelineOf({
  done: "built",
  trigger,
  steps: {
    a: { image: "acme/x:a" },
    gate: { gate: true, after: "a" },
    b: { image: "acme/x:b", after: "gate" },
  },
});
const built = (step: string, attempt = 1): Event => ({
  kind: "buildEnded",
  runId,
  step,
  attempt,
  random: 0,
  end: { kind: "succeeded" },
});
const approved: Event = { kind: "gateApproved", runId, step: "gate" };
const isRead = (step: string): EventOf<"tagsRead">["tags"][number] => ({
  kind: "read",
  step,
  image: `acme/x:${step}`,
  candidate: `sha256:new-${step}`,
  current: `sha256:old-${step}`,
});
const tagsRead = (...tags: EventOf<"tagsRead">["tags"]): Event => ({
  kind: "tagsRead",
  runId,
  since: t0 + 4_000,
  tags,
  random: 0,
});
/** Tags are moved since second 5, and moved back since second 6. */
const tagsMoved = (results: EventOf<"tagsMoved">["results"], isBack = false): Event => ({
  kind: "tagsMoved",
  runId,
  since: t0 + (isBack ? 6_000 : 5_000),
  isBack,
  results,
  random: 0,
});
const moved = (step: string) => ({ kind: "moved", step, image: `acme/x:${step}` }) as const;
const failed = (step: string, isTemporary: boolean) =>
  ({ kind: "failed", step, image: `acme/x:${step}`, reason: "503", isTemporary }) as const;

/** Both images are built. */
const done = play(family, [
  [0, started()],
  [1_000, accepted("a")],
  [2_000, built("a")],
  [3_000, accepted("b")],
  [4_000, built("b")],
]);
const next = (events: readonly (readonly [number, Event])[]) => play(family, events, done.state);
const moving = next([[5_000, tagsRead(isRead("a"), isRead("b"))]]);

describe("a gate", () => {
  const waiting = play(gated, [
    [0, started()],
    [1_000, accepted("a")],
    [2_000, built("a")],
  ]);

  test("begins to wait once the steps before it are done, and asks people for that", () => {
    expect(actionsOf(waiting)).toEqual(["trigger gate 1"]);
    const asked = decide(gated, waiting.state, accepted("gate"), t0 + 3_000);
    expect(actionsOf(asked)).toEqual(["notify gateWaiting"]);
    expect(statesOf(asked)).toEqual({ a: "done", gate: "building", b: "waiting" });
  });

  test("lets what comes after it go on once it is approved, which may be repeated", () => {
    const passed = decide(gated, waiting.state, approved, t0 + 3_000);
    expect(actionsOf(passed)).toEqual(["trigger b 1"]);
    expect(statesOf(passed)).toEqual({ a: "done", gate: "done", b: "triggering" });
    expect(decide(gated, passed.state, approved, t0 + 4_000)).toMatchObject({
      outcome: { kind: "duplicate" },
      actions: [],
    });
  });

  test.each([
    ["before it waits", { ...approved }, 'gate "gate" waits for the steps before it'],
    ["if it is no gate", { ...approved, step: "a" }, `run ${runId} has no gate "a"`],
    ["of another run", { ...approved, runId: "p.run-9" }, "run p.run-9 is not active"],
  ])("cannot be approved %s", (_when, event, reason) => {
    const { state } = play(gated, [[0, started()]]);
    expect(decide(gated, state, event, t0)).toMatchObject({ state, outcome: { kind: "refused", reason } });
  });

  test("is not waited for any more, an hour after a redeploy has removed it", () => {
    let { state } = play(gated, [[3_000, accepted("gate")]], waiting.state);
    for (const [before, after] of [
      [0, 15 * minute],
      [15 * minute, 75 * minute],
    ] as const) {
      const wakeAt = wakeAtOf(state) ?? 0;
      expect(wakeAt).toBeGreaterThan(t0 + before);
      expect(wakeAt).toBeLessThanOrEqual(t0 + after + minute);
      ({ state } = decide(gated, state, tick, wakeAt));
    }
    const steps = gated.steps
      .filter(({ name }) => name !== "gate")
      .map((step) => (step.name === "b" ? { ...step, after: ["a"] } : step));
    const without = decide({ ...gated, steps }, state, tick, wakeAtOf(state) ?? 0);
    expect(statesOf(without)).toEqual({ a: "done", b: "triggering" });
  });

  test("fails its run if nobody approves it in time", () => {
    const { state } = play(gated, [[3_000, accepted("gate")]], waiting.state);
    const late = decide(gated, state, tick, t0 + 8 * 24 * hour);
    expect(statesOf(late)).toEqual({ a: "done", gate: "failed", b: "skipped" });
  });
});

describe("a run with promote: together", () => {
  test("reads its tags once all steps are done, and moves them once that is saved", () => {
    expect(done.state.run).toMatchObject({ status: "running", promotion: { phase: "preparing" } });
    expect(actionsOf(done)).toEqual(["read tags of a and b"]);
    expect(moving.state.run?.promotion).toMatchObject({
      phase: "moving",
      moves: [
        { step: "a", digest: "sha256:new-a", replaced: "sha256:old-a", isMoved: false },
        { step: "b", digest: "sha256:new-b", replaced: "sha256:old-b", isMoved: false },
      ],
    });
    expect(actionsOf(moving)).toEqual(["move a and b"]);
  });

  test("succeeds once all tags are moved, and knows what they point to", () => {
    const { state } = decide(family, moving.state, tagsMoved([moved("a"), moved("b")]), t0 + 6_000);
    expect(state.run).toMatchObject({ status: "succeeded", promotion: { phase: "moved" } });
    expect(state.completions).toMatchObject([
      { step: "a", digest: "sha256:new-a" },
      { step: "b", digest: "sha256:new-b" },
    ]);
  });

  test("records no push before that", () => {
    expect(moving.state.completions).toEqual([]);
  });

  test.each([
    ["reading", done.state, "read tags of a and b"],
    ["moving", moving.state, "move a and b"],
  ])("goes on with %s after a crash", (_what, state, action) => {
    const wakeAt = wakeAtOf(state) ?? 0;
    expect(actionsOf(decide(family, state, tick, wakeAt - 1))).toEqual([]);
    expect(actionsOf(decide(family, state, tick, wakeAt))).toEqual([action]);
  });

  test("goes on at once if the process that was at it is known to be gone", () => {
    const interrupted = { kind: "promotionInterrupted", runId } as const;
    expect(actionsOf(decide(family, moving.state, interrupted, t0 + 6_000))).toEqual(["move a and b"]);
    expect(decide(gated, moving.state, { ...interrupted, runId: "p.run-9" }, t0 + 6_000).actions).toEqual([]);
  });

  test("moves only what is left to move", () => {
    const half = decide(family, moving.state, tagsMoved([moved("a"), failed("b", true)]), t0 + 6_000);
    expect(half.actions).toEqual([]);
    const again = decide(family, half.state, tick, wakeAtOf(half.state) ?? 0);
    expect(actionsOf(again)).toEqual(["move b"]);
  });

  test("moves all tags back if one cannot be moved, and then fails", () => {
    const refused = decide(family, moving.state, tagsMoved([moved("a"), failed("b", false)]), t0 + 6_000);
    expect(refused.actions).toEqual([
      {
        kind: "moveTags",
        runId,
        since: t0 + 6_000,
        isBack: true,
        moves: [
          { step: "a", image: "acme/x:a", digest: "sha256:old-a" },
          { step: "b", image: "acme/x:b", digest: "sha256:old-b" },
        ],
      },
    ]);
    const over = decide(family, refused.state, tagsMoved([moved("a"), moved("b")], true), t0 + 7_000);
    expect(over.state.run).toMatchObject({
      status: "failed",
      promotion: {
        phase: "failed",
        failures: [{ step: "b", reason: "its tag could not be moved: 503" }],
        moves: [],
      },
    });
    expect(actionsOf(over)).toEqual(["notify runFailed"]);
    expect(over.actions).toMatchObject([{ entry: { failed: [{ step: "b" }] } }]);
    // The webhooks about that are no new pushes.
    expect(over.state.completions).toMatchObject([
      { step: "a", digest: "sha256:old-a" },
      { step: "b", digest: "sha256:old-b" },
    ]);
  });

  test("does the same if a registry cannot be reached for an hour", () => {
    const late = decide(family, moving.state, tagsMoved([moved("a"), failed("b", true)]), t0 + 2 * hour);
    expect(actionsOf(late)).toEqual(["move back a and b"]);
  });

  test("goes on moving back for a day, and then says what is still moved", () => {
    const back = decide(family, moving.state, tagsMoved([moved("a"), failed("b", false)]), t0 + 6_000);
    const tried = decide(family, back.state, tagsMoved([failed("a", true), moved("b")], true), t0 + hour);
    expect(tried.state.run).toMatchObject({ status: "running", promotion: { phase: "movingBack" } });
    expect(actionsOf(decide(family, tried.state, tick, t0 + 2 * hour))).toEqual(["move back a"]);
    const over = decide(family, tried.state, tagsMoved([failed("a", true)], true), t0 + 26 * hour);
    expect(over.state.run).toMatchObject({
      status: "failed",
      promotion: {
        moves: [{ step: "a" }],
        failures: [{ step: "b" }, { step: "a", reason: "its tag could not be moved back: 503" }],
      },
    });
    expect(over.state.completions).toMatchObject([
      { step: "a", digest: "sha256:new-a" },
      { step: "b", digest: "sha256:old-b" },
    ]);
  });

  test("does not know what a tag points to that was never seen to move, nor moved back", () => {
    const back = decide(family, moving.state, tagsMoved([moved("a"), failed("b", false)]), t0 + 6_000);
    const over = decide(family, back.state, tagsMoved([moved("a"), failed("b", false)], true), t0 + 7_000);
    expect(over.state.completions).toMatchObject([
      { step: "a", digest: "sha256:old-a" },
      { step: "b", digest: null },
    ]);
  });

  test("fails without moving anything if a candidate is gone", () => {
    const gone = {
      kind: "failed",
      step: "b",
      image: "acme/x:b",
      reason: "gone",
      isTemporary: false,
    } as const;
    const over = next([[5_000, tagsRead(isRead("a"), gone)]]);
    expect(over.state.run).toMatchObject({ status: "failed", promotion: { phase: "failed", moves: [] } });
  });

  test("knows after a retry what a tag pointed to that could not be moved back", () => {
    const back = decide(family, moving.state, tagsMoved([moved("a"), failed("b", false)]), t0 + 6_000);
    const over = decide(family, back.state, tagsMoved([failed("a", false), moved("b")], true), t0 + hour);
    const again = decide(family, over.state, retried, t0 + 2 * hour);
    const since = t0 + 2 * hour;
    const current = { ...isRead("a"), current: "sha256:new-a" };
    const read = decide(family, again.state, { ...tagsRead(current, isRead("b")), since } as Event, since);
    expect(read.state.run?.promotion).toMatchObject({
      phase: "moving",
      moves: [{ replaced: "sha256:old-a" }, { replaced: "sha256:old-b" }],
    });
  });

  test("can be retried then: what was built is promoted", () => {
    const gone = {
      kind: "failed",
      step: "b",
      image: "acme/x:b",
      reason: "gone",
      isTemporary: false,
    } as const;
    const again = next([
      [5_000, tagsRead(isRead("a"), gone)],
      [minute, retried],
    ]);
    expect(actionsOf(again)).toEqual(["read tags of a and b"]);
  });

  test("reads its tags again if a redeploy adds a step while they are read", () => {
    const c = { image: "acme/x:c", after: "b" };
    const steps = { a: { image: "acme/x:a" }, b: { image: "acme/x:b", after: "a" }, c };
    const larger = pipelineOf({ promote: "together", done: "built", trigger, retries: 0, steps });
    const all = play(
      larger,
      [
        [4_500, tick],
        [4_600, accepted("c")],
        [4_700, built("c")],
      ],
      done.state,
    );
    expect(all.state.run?.promotion).toMatchObject({ phase: "preparing", since: t0 + 4_700 });
    const late = decide(larger, all.state, tagsRead(isRead("a"), isRead("b")), t0 + 5_000);
    expect(late.outcome).toEqual({ kind: "ignored", reason: `run ${runId} reads its tags again` });
    expect(late.state.run).toEqual(all.state.run);
  });

  test("cannot be cancelled or replaced while it moves tags", () => {
    expect(decide(family, moving.state, cancelled, t0 + 6_000).outcome).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("is moving its tags"),
    });
    const restarting = { ...family, overlap: "restart" as const };
    const schedule = started({ newRunId: "p.run-2", cause: "schedule", scheduledFor: t0 + hour });
    const { state, outcome } = decide(restarting, moving.state, schedule, t0 + 6_000);
    expect(outcome?.kind).toBe("ignored");
    expect(state.run?.id).toBe(runId);
  });

  test("can be cancelled before", () => {
    expect(decide(family, done.state, cancelled, t0 + 5_000).state.run?.status).toBe("cancelled");
  });

  test("builds what a changed configuration adds before the tags are moved, and not while they are", () => {
    const [a, b] = family.steps;
    if (a === undefined || b === undefined) throw new Error("expected two steps");
    const c = { ...b, name: "c", image: { repository: "acme/x", tag: "c" }, after: ["b"] };
    const larger = { ...family, steps: [a, b, c] };
    const early = decide(larger, done.state, tick, t0 + 5_000);
    expect(actionsOf(early)).toEqual(["trigger c 1"]);
    expect(early.state.run?.promotion).toEqual({ phase: "building" });
    const late = decide(larger, moving.state, tick, t0 + 5_000 + second);
    expect(late.state.run?.steps).toHaveLength(2);
  });
});
