import { expect, test } from "vitest";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { Event } from "../../../shared/run/event.ts";
import type { PipelineState } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  minute,
  pipelineOf,
  play,
  retried,
  runId,
  started,
  statesOf,
  t0,
  tick,
} from "./story.ts";

const account = { name: "acme", maxParallel: 1 };
const chain = onAccount(pipelineOf({ image: "acme/chain", sequence: ["a", "b"] }), "acme");

function onAccount(pipeline: Pipeline, name: string): Pipeline {
  return { ...pipeline, steps: pipeline.steps.map((step) => ({ ...step, account: { ...account, name } })) };
}

function acquired(atMs: number, sinceMs = atMs, name = "acme"): Event {
  const request = { runId, step: "a", account: name, since: t0 + sinceMs };
  return { kind: "slotAcquired", ...request, requestedAt: t0 + atMs };
}

const slotOf = ({ run }: PipelineState) => run?.steps[0]?.slot;

test("a step acquires a slot of its account before it is triggered, and releases it when its run ends", () => {
  const waiting = play(chain, [[0, started()]]);
  expect(actionsOf(waiting)).toEqual(["acquire acme for a"]);
  const begun = decide(chain, waiting.state, acquired(0), t0 + 100);
  expect(actionsOf(begun)).toEqual(["trigger a 1"]);
  expect(actionsOf(decide(chain, begun.state, cancelled, t0 + minute))).toContain("release acme of a");
});

test("a slot requested before a retry of the run is released, and is not taken for the current request", () => {
  const again = play(chain, [
    [0, started()],
    [10, cancelled],
    [20, retried],
  ]);
  const late = decide(chain, again.state, acquired(0), t0 + 30);
  expect(late.state).toBe(again.state);
  expect(late.actions).toEqual([{ kind: "releaseSlot", runId, step: "a", account: "acme", since: t0 }]);
  expect(statesOf(decide(chain, again.state, acquired(20), t0 + 30))).toMatchObject({ a: "triggering" });
});

test("a refusal from before a retry of the run gives up only the earlier place in line", () => {
  const begun = play(chain, [
    [0, started()],
    [10, cancelled],
    [20, retried],
    [30, acquired(20)],
  ]);
  const refused: Event = {
    kind: "slotRefused",
    runId,
    step: "a",
    account: "acme",
    since: t0,
    reason: "waiting",
    random: 0,
  };
  const late = decide(chain, begun.state, refused, t0 + 40);
  expect(late.actions).toEqual([{ kind: "releaseSlot", runId, step: "a", account: "acme", since: t0 }]);
});

test("a slot whose answer came too late is ignored, because another step may have it by now", () => {
  const waiting = play(chain, [
    [0, started()],
    [minute, tick],
  ]);
  // The tick has requested the slot again by now.
  const late = decide(chain, waiting.state, acquired(0), t0 + minute + 1_000);
  expect(late.state).toBe(waiting.state);
  expect(late.actions).toEqual([]);
});

test("a step that moved to another account releases its old slot and requests a new one", () => {
  const { state } = play(chain, [[0, started()]]);
  const moved = onAccount(chain, "other");
  const late = decide(moved, state, acquired(0), t0 + 100);
  expect(actionsOf(late)).toEqual(["release acme of a", "acquire other for a"]);
  expect(slotOf(late.state)).toMatchObject({ account: "other", isHeld: false });
  expect(actionsOf(decide(moved, late.state, acquired(0), t0 + 200))).toEqual(["release acme of a"]);
});

test("a step that a changed configuration restarts releases its slot before it requests one again", () => {
  const { state } = play(chain, [
    [0, started()],
    [100, acquired(0)],
    [200, accepted("a")],
  ]);
  const steps = chain.steps.map((step) => ({ ...step, image: { tag: step.name, repository: "acme/new" } }));
  const again = decide({ ...chain, steps }, state, tick, t0 + minute);
  expect(actionsOf(again)).toEqual(["release acme of a", "acquire acme for a"]);
  expect(slotOf(again.state)).toMatchObject({ since: t0 + minute, isHeld: false });
});

test("a slot request starts at a whole millisecond, even if the clock is off by a fraction", () => {
  const { state } = decide(chain, play(chain, []).state, started(), t0 + 0.5);
  expect(slotOf(state)).toMatchObject({ since: t0 });
});
