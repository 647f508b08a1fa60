import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/run/decide.ts";
import type { Decision, Event } from "../../../shared/run/event.ts";
import { type PipelineState, wakeAtOf } from "../../../shared/run/state.ts";
import {
  actionsOf,
  failed,
  hour,
  minute,
  pipelineOf,
  play,
  pushed,
  rejected,
  runId,
  started,
  t0,
  tick,
} from "./story.ts";

const chain = pipelineOf({ image: "acme/chain", sequence: ["a", "b"] });
const failure: Event = failed("a", rejected);
const failRun = (): Decision => decide(chain, play(chain, [[0, started()]]).state, failure, t0);
const tickAt = (state: PipelineState, ms: number) => decide(chain, state, tick, t0 + ms);

test("the notice of a run that ended stays in the outbox, with what failed and why, until it is sent", () => {
  const { state, actions } = failRun();
  const failedSteps = [{ step: "a", reason: "the trigger is gone" }];
  const [entry] = state.outbox;
  if (entry === undefined) throw new Error("expected an outbox entry");
  expect(entry).toMatchObject({ kind: "notify", subject: "runFailed", runId, at: t0, failed: failedSteps });
  expect(actions).toEqual([{ kind: "deliverOutboxEntry", entry }]);
  expect(wakeAtOf(state)).toBe(t0 + minute);
  const sent = decide(chain, state, { kind: "outboxEntryDone", entry }, t0);
  expect(sent.state.outbox).toEqual([]);
  expect(wakeAtOf(sent.state)).toBeNull();
});

test("a notice lost in a crash is sent again, at growing intervals, and given up after a day", () => {
  let { state } = failRun();
  const first = tickAt(state, minute);
  expect(actionsOf(first)).toEqual(["notify runFailed"]);
  expect(tickAt(first.state, minute + 1).actions).toEqual([]);
  let sent = 0;
  for (let ms = minute; ms <= 26 * hour; ms += minute) {
    const decision = tickAt(state, ms);
    state = decision.state;
    sent += decision.actions.length;
  }
  expect(sent).toBeGreaterThan(20);
  expect(sent).toBeLessThan(40);
  expect(state.outbox).toEqual([]);
});

test("a new run does not drop the notice of the run that it replaces", () => {
  const { state } = failRun();
  const next = decide(chain, state, started({ newRunId: "p.run-2" }), t0 + 1_000);
  expect(next.state).toMatchObject({ run: { id: "p.run-2" }, outbox: [{ subject: "runFailed", runId }] });
  expect(actionsOf(tickAt(next.state, minute))).toContain("notify runFailed");
});

describe("a pipeline that comes after another", () => {
  const base = { ...pipelineOf({ image: "acme/base", sequence: ["a"] }), followers: ["family"] };
  const family = pipelineOf({ image: "acme/family", sequence: ["x"] });
  const succeed = () => decide(base, play(base, [[0, started()]]).state, pushed("a"), t0 + minute);
  const follow = (run: string, newRunId = "p.run-1"): Event =>
    started({ newRunId, cause: "upstream", seen: { name: "pipeline base", value: run } });

  test("is started by each success, and the start is repeated until it is confirmed", () => {
    const { state, actions } = succeed();
    expect(actionsOf({ actions })).toEqual(["notify runSucceeded", "start family"]);
    const start = state.outbox.find(({ kind }) => kind === "start");
    if (start === undefined) throw new Error("expected a start");
    expect(actionsOf(decide(base, state, tick, t0 + 3 * minute))).toContain("start family");
    const done = decide(base, state, { kind: "outboxEntryDone", entry: start }, t0 + 2 * minute);
    expect(done.state.outbox).toEqual([]);
  });

  test("is not started by a failure", () => {
    const failedRun = decide(base, play(base, [[0, started()]]).state, failed("a", rejected), t0);
    expect(actionsOf(failedRun)).toEqual(["notify runFailed"]);
  });

  test("is started once for all successes that it has not followed yet", () => {
    const first = succeed().state;
    const second = decide(base, first, started({ newRunId: "p.run-2" }), t0 + 2 * minute).state;
    const { state } = decide(base, second, pushed("a", null, "p.run-3"), t0 + 3 * minute);
    const starts = state.outbox.filter(({ kind }) => kind === "start");
    expect(starts.map(({ runId: of }) => of)).toEqual(["p.run-2"]);
  });

  test("follows each run once, however often the start is repeated", () => {
    const { state, outcome } = decide(family, play(family, []).state, follow("base.1"), t0);
    expect(outcome?.kind).toBe("advanced");
    expect(state.run?.cause).toBe("upstream");
    const over = decide(family, state, pushed("x"), t0 + minute).state;
    expect(decide(family, over, follow("base.1"), t0 + hour)).toMatchObject({
      outcome: { kind: "duplicate" },
    });
    expect(decide(family, over, follow("base.2", "p.run-2"), t0 + hour).outcome?.kind).toBe("advanced");
  });

  test("queues the start while it has an active run, and starts when that run ends", () => {
    const active = play(family, [[0, started()]]).state;
    const queued = decide(family, active, follow("base.1", "p.run-2"), t0 + minute);
    expect(queued).toMatchObject({ outcome: { kind: "advanced" }, actions: [] });
    const over = decide(family, queued.state, pushed("x"), t0 + 2 * minute);
    expect(actionsOf(over)).toContain("start queued run");
    const begun = decide(family, over.state, tick, t0 + 2 * minute);
    expect(begun.state).toMatchObject({ run: { id: "p.run-2", cause: "upstream" }, queuedRun: null });
  });
});
