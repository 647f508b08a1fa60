import { expect, test } from "vitest";
import { decide } from "../../../shared/core/decide.ts";
import type { Decision, Event } from "../../../shared/core/event.ts";
import { type PipelineState, wakeAtOf } from "../../../shared/core/run.ts";
import {
  actionsOf,
  failed,
  hour,
  minute,
  pipelineOf,
  play,
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

test("the end of a run is kept as a notice, with what failed and why, until it has been sent", () => {
  const { state, actions } = failRun();
  const failedSteps = [{ step: "a", reason: "the trigger is gone" }];
  const [notice] = state.notices;
  if (notice === undefined) throw new Error("expected a notice");
  expect(notice).toMatchObject({ subject: "runFailed", runId, at: t0, failed: failedSteps });
  expect(actions).toEqual([{ kind: "notify", notice }]);
  expect(wakeAtOf(state)).toBe(t0 + minute);
  const sent = decide(chain, state, { kind: "noticeSent", notice }, t0);
  expect(sent.state.notices).toEqual([]);
  expect(wakeAtOf(sent.state)).toBeNull();
});

test("a notice that a crash has swallowed is sent again, ever more seldom, and given up after a day", () => {
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
  expect(state.notices).toEqual([]);
});

test("a notice outlives the run's place: a new run that begins meanwhile does not swallow it", () => {
  const { state } = failRun();
  const next = decide(chain, state, started({ newRunId: "p.run-2" }), t0 + 1_000);
  expect(next.state).toMatchObject({ run: { id: "p.run-2" }, notices: [{ subject: "runFailed", runId }] });
  expect(actionsOf(tickAt(next.state, minute))).toContain("notify runFailed");
});
