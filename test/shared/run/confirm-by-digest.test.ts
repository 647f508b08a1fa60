// Pushes at registries other than Docker Hub, which tell what a tag points to, but not since when.
import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/run/decide.ts";
import type { ActionOf } from "../../../shared/run/event.ts";
import { emptyState } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  confirmed,
  failed,
  hour,
  lookedUp,
  minute,
  noAnswer,
  pipelineOf,
  play,
  pushed,
  runId,
  second,
  started,
  statesOf,
  type TimedEvent,
  t0,
  unreachable,
  withDigests,
} from "./story.ts";

const asking = pipelineOf({ image: "ghcr.io/acme/chain", confirm: "registry", sequence: ["a", "b"] });
const trusting = pipelineOf({ image: "ghcr.io/acme/chain", confirm: "auto", sequence: ["a", "b"] });
const found = (digest: string) => ({ kind: "found", digest }) as const;
const buildingA = (before: string | null = "old"): TimedEvent[] => [
  [0, withDigests(started(), { a: before })],
  [second, accepted("a")],
];
/** A webhook of a push of `a` that told a digest and a time, and the registry's answer to it. */
const answered = (told: string | null, shown: string, pushedAt: number | null = null) =>
  confirmed("a", found(shown), pushedAt, "p.run-2", told);

test("the digest is looked up before the first trigger, and not again", () => {
  const asked = decide(asking, emptyState, started(), t0);
  expect(asked).toMatchObject({ outcome: null, state: emptyState });
  expect(actionsOf(asked)).toEqual(["look up a before"]);
  const triggering = decide(asking, emptyState, withDigests(started(), { a: "old" }), t0);
  expect(actionsOf(triggering)).toEqual(["trigger a 1"]);
  expect(triggering.state.run?.steps[0]).toMatchObject({ digestBefore: "old" });

  const building = play(asking, buildingA()).state;
  const refused = play(
    asking,
    [[minute, failed("a", { kind: "refused", reason: "no", retryAfterMs: null })]],
    building,
  );
  const again = play(asking, [[hour, lookedUp("a", found("old"))]], refused.state);
  expect(actionsOf(again)).toEqual([]);
});

test("while the tag is looked up, nothing is saved, and a new configuration counts", () => {
  const asked = decide(asking, emptyState, started(), t0);
  const swapped = pipelineOf({ image: "ghcr.io/acme/chain", confirm: "registry", sequence: ["b", "a"] });
  const redeployed = decide(swapped, asked.state, withDigests(started(), { a: "old" }), t0 + second);
  expect(actionsOf(redeployed)).toEqual(["look up b before"]);
});

test("a webhook that arrived before the trigger of the next run does not count in that run", () => {
  const believing = pipelineOf({ image: "ghcr.io/acme/chain", sequence: ["a", "b"] });
  const building = play(believing, buildingA()).state;
  const asked = decide(believing, building, pushed("a", null, "p.run-2", "new"), t0 + minute);
  const [lookUp] = asked.actions as ActionOf<"lookUpDigests">[];
  expect(lookUp).toMatchObject({ steps: ["b"], event: { receivedAt: t0 + minute } });
  const next = play(
    believing,
    [
      [2 * minute, cancelled],
      [3 * minute, withDigests(started({ newRunId: "p.run-3" }), { a: "new" })],
    ],
    building,
  ).state;
  const late = withDigests(lookUp?.event ?? cancelled, { b: null });
  expect(decide(believing, next, late, t0 + 4 * minute)).toMatchObject({
    state: next,
    outcome: { kind: "ignored", reason: 'this push of step "a" came before its trigger' },
  });
});

test("the tag of a step on Docker Hub, or of one that its builder ends, is not looked up before", () => {
  const onHub = pipelineOf({ image: "acme/chain", confirm: "registry", sequence: ["a"] });
  expect(actionsOf(decide(onHub, emptyState, started(), t0))).toEqual(["trigger a 1"]);
  const github = { repository: "acme/x", workflow: "image.yml", secret: "GITHUB_TOKEN" };
  const trigger = { trigger: { github }, done: "built" };
  const built = pipelineOf({ image: "ghcr.io/acme/chain", ...trigger, sequence: ["a"] });
  expect(actionsOf(decide(built, emptyState, started(), t0))).toEqual(["trigger a 1"]);
});

describe("a webhook in a run", () => {
  test("asks the registry before anything is saved", () => {
    const decision = play(asking, [...buildingA(), [minute, pushed("a", null, "p.run-2", "new")]]);
    expect(actionsOf(decision)).toEqual(["confirm a"]);
    expect(decision.outcome).toBeNull();
  });

  test.each([
    ["that told the digest that the registry shows", "new", "new", "old"],
    ["that told no digest, if the registry shows another one than before", null, "new", "old"],
    ["of a new tag", null, "new", "absent"],
    ["that told another digest than the registry shows by now", "new", "newer", "old"],
    ["with a digest, if the tag was not looked up before the trigger", "new", "new", null],
    ["of an identical rebuild, if it told the digest", "old", "old", "old"],
  ])("%s counts", (_what, told, shown, before) => {
    const decision = play(asking, [...buildingA(before), [10 * minute, answered(told, shown)]]);
    expect(decision.outcome?.kind).toBe("advanced");
    expect(statesOf(decision)).toEqual({ a: "done", b: "triggering" });
    expect(decision.state.completions).toMatchObject([{ step: "a", digest: shown }]);
  });

  test.each([
    ["that told a digest that the registry does not show", "forged", "old", "old"],
    ["that told no digest, if the registry shows the same as before", null, "old", "old"],
    ["without a digest, if the tag was not looked up before the trigger", null, "new", null],
  ])("%s does not count", (_what, told, shown, before) => {
    const decision = play(asking, [...buildingA(before), [10 * minute, answered(told, shown)]]);
    expect(decision.outcome?.kind).toBe("ignored");
    expect(statesOf(decision)).toEqual({ a: "building", b: "waiting" });
    expect(decision.state.pendingConfirmations).toHaveLength(1);
  });

  test("of a push before the trigger does not count as an identical rebuild", () => {
    const early = answered("old", "old", t0 - minute);
    expect(statesOf(play(asking, [...buildingA(), [minute, early]]))).toMatchObject({ a: "building" });
    const inSeconds = answered("old", "old", (t0 - minute) / 1000);
    expect(statesOf(play(asking, [...buildingA(), [minute, inSeconds]]))).toMatchObject({ a: "building" });
    const late = answered("old", "old", t0 + minute);
    expect(statesOf(play(asking, [...buildingA(), [2 * minute, late]]))).toMatchObject({ a: "done" });
  });

  test("does not count in the next run, if it only repeats one", () => {
    const push = answered("new", "new", t0 + 10 * minute);
    const ended = play(asking, [...buildingA(), [10 * minute, push], [10 * minute + second, cancelled]]);
    const again: TimedEvent[] = [
      [10 * minute + 2 * second, withDigests(started({ newRunId: "p.run-3" }), { a: "new" })],
      [10 * minute + 3 * second, accepted("a", 1, "p.run-3")],
    ];
    expect(statesOf(play(asking, [...again, [10 * minute + 4 * second, push]], ended.state))).toMatchObject({
      a: "building",
    });
    const next = answered("new", "new", t0 + 11 * minute);
    expect(statesOf(play(asking, [...again, [11 * minute, next]], ended.state))).toMatchObject({ a: "done" });
  });

  test("with another digest or time is not taken for a repeated one", () => {
    const waiting = play(asking, [...buildingA(), [minute, answered("forged", "old", t0 + minute)]]);
    const at = t0 + minute + 1;
    for (const [digest, pushedAt] of [
      ["old", t0 + minute],
      ["forged", at],
    ] as const) {
      const other = decide(asking, waiting.state, pushed("a", pushedAt, "p.run-2", digest), at);
      expect(actionsOf(other)).toEqual(["confirm a"]);
    }
    const same = decide(asking, waiting.state, pushed("a", t0 + minute, "p.run-2", "forged"), at);
    expect(same).toMatchObject({ outcome: { kind: "duplicate" }, actions: [] });
    const counting = play(asking, [[minute + 1, answered("old", "old", at)]], waiting.state);
    expect(statesOf(counting)).toMatchObject({ a: "done" });
  });

  test("of a later push is the one that is looked up again", () => {
    const later = answered("later", "old", t0 + 2 * minute);
    const earlier = answered("earlier", "old", t0 + minute);
    for (const order of [
      [later, earlier],
      [earlier, later],
    ]) {
      const [first = later, second = later] = order;
      const waiting = play(asking, [...buildingA(), [3 * minute, first], [3 * minute + 1, second]]);
      expect(waiting.state.pendingConfirmations).toMatchObject([{ digest: "later" }]);
    }
  });
});

describe("outside of a run, a webhook", () => {
  const ended: TimedEvent[] = [
    ...buildingA(),
    [10 * minute, withDigests(answered("one", "one"), { b: "old" })],
    [10 * minute + second, accepted("b")],
    [20 * minute, confirmed("b", found("two"))],
  ];

  test("of the known digest is a duplicate, and the registry is not asked", () => {
    const again = play(asking, [...ended, [30 * minute, pushed("a", null, "p.run-2", "one")]]);
    expect(again).toMatchObject({ outcome: { kind: "duplicate" }, actions: [] });
  });

  test("of another digest starts a run, if the registry shows it", () => {
    const forged = play(asking, [...ended, [30 * minute, answered("three", "one")]]);
    expect(forged.state.run?.id).toBe(runId);
    const real = play(asking, [...ended, [30 * minute, answered("three", "three")]]);
    expect(real.state.run).toMatchObject({ id: "p.run-2", cause: "push", from: ["b"] });
  });

  test("of the first known push starts a run", () => {
    expect(play(asking, [[0, answered(null, "one")]]).state.run?.id).toBe("p.run-2");
  });
});

describe("a look-up", () => {
  test("finds a push whose webhook was lost", () => {
    const decision = play(asking, [...buildingA(), [15 * minute, lookedUp("a", found("new"))]]);
    expect(statesOf(decision)).toEqual({ a: "done", b: "triggering" });
  });

  test("finds nothing if the digest is the same, or if the one before the trigger is unknown", () => {
    for (const [before, shown] of [
      ["old", "old"],
      [null, "new"],
    ] as const) {
      const decision = play(asking, [...buildingA(before), [15 * minute, lookedUp("a", found(shown))]]);
      expect(statesOf(decision)).toMatchObject({ a: "building" });
    }
  });
});

test("with confirm: webhook, a look-up compares with the digest before the trigger, too", () => {
  const believing = pipelineOf({ image: "ghcr.io/acme/chain", sequence: ["a", "b"] });
  expect(actionsOf(decide(believing, emptyState, started(), t0))).toEqual(["look up a before"]);
  const told: TimedEvent[] = [
    ...buildingA("older"),
    [minute, pushed("a", null, "p.run-2", "one")],
    [2 * minute, { kind: "cancelled", runId }],
    [3 * minute, withDigests(started({ newRunId: "p.run-3" }), { a: "by hand" })],
    [3 * minute + second, accepted("a", 1, "p.run-3")],
  ];
  const shown = lookedUp("a", found("by hand"), 1, "p.run-3");
  expect(statesOf(play(believing, [...told, [20 * minute, shown]]))).toMatchObject({ a: "building" });
});

test("a push of the image that a step had before its configuration changed is not looked up again", () => {
  const waiting = play(asking, [...buildingA(), [minute, answered("forged", "old")]]);
  expect(waiting.state.pendingConfirmations).toMatchObject([{ step: "a", image: "ghcr.io/acme/chain:a" }]);
  const other = pipelineOf({ image: "ghcr.io/acme/other", confirm: "registry", sequence: ["a", "b"] });
  const tick = { kind: "tick" } as const;
  expect(actionsOf(decide(asking, waiting.state, tick, t0 + hour))).toContain("confirm a");
  const changed = play(other, [[hour, tick]], waiting.state);
  expect(actionsOf(changed)).not.toContain("confirm a");
  expect(changed.state.pendingConfirmations).toEqual([]);
});

describe("with confirm: auto, while the registry is unreachable, a webhook", () => {
  const told = confirmed("a", unreachable, null, "p.run-2", "new");

  test("counts if the registry has never answered", () => {
    expect(statesOf(play(trusting, [...buildingA(null), [minute, told]]))).toMatchObject({ a: "done" });
  });

  test("waits for confirmation if the registry has answered before", () => {
    expect(statesOf(play(trusting, [...buildingA("old"), [minute, told]]))).toMatchObject({ a: "building" });
  });

  test("waits for confirmation if the registry has answered in the last run", () => {
    const events: TimedEvent[] = [
      [minute, cancelled],
      [10 * hour, told],
    ];
    expect(play(trusting, [...buildingA("old"), ...events]).state.run?.status).toBe("cancelled");
    expect(play(trusting, [...buildingA(null), ...events]).state.run?.cause).toBe("push");
  });

  test("that is believed says nothing about the registry, so the next one is believed, too", () => {
    const next = confirmed("b", unreachable, null, "p.run-2", "newer");
    const events: TimedEvent[] = [
      ...buildingA(null),
      [minute, told],
      [minute + second, accepted("b")],
      [2 * minute, next],
    ];
    const ended = play(trusting, events);
    expect(ended.state.run?.status).toBe("succeeded");
    expect(ended.state.completions).toMatchObject([{ digest: null }, { digest: null }]);
  });

  test("waits for confirmation if it gave no answer this time", () => {
    const slow = confirmed("a", noAnswer, null, "p.run-2", "new");
    expect(statesOf(play(trusting, [...buildingA(null), [minute, slow]]))).toMatchObject({ a: "building" });
  });
});
