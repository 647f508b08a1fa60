import { expect, test } from "vitest";
import { decide } from "../../../shared/core/decide.ts";
import type { Event } from "../../../shared/core/event.ts";
import type { Pipeline } from "../../../shared/core/pipeline.ts";
import type { PipelineState } from "../../../shared/core/run.ts";
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

function taken(atMs: number, sinceMs = atMs, name = "acme"): Event {
  const wanted = { runId, step: "a", account: name, since: t0 + sinceMs };
  return { kind: "slotTaken", ...wanted, askedAt: t0 + atMs };
}

const slotOf = ({ run }: PipelineState) => run?.steps[0]?.slot;

test("a step takes a slot of its account before it is triggered, and gives it back when its run is over", () => {
  const waiting = play(chain, [[0, started()]]);
  expect(actionsOf(waiting)).toEqual(["take acme for a"]);
  const begun = decide(chain, waiting.state, taken(0), t0 + 100);
  expect(actionsOf(begun)).toEqual(["trigger a 1"]);
  expect(actionsOf(decide(chain, begun.state, cancelled, t0 + minute))).toContain("free acme of a");
});

test("a slot that was asked for before the run was retried is given back, and is not the one that it waits for now", () => {
  const again = play(chain, [
    [0, started()],
    [10, cancelled],
    [20, retried],
  ]);
  const late = decide(chain, again.state, taken(0), t0 + 30);
  expect(late.state).toBe(again.state);
  expect(late.actions).toEqual([{ kind: "freeSlot", runId, step: "a", account: "acme", since: t0 }]);
  expect(statesOf(decide(chain, again.state, taken(20), t0 + 30))).toMatchObject({ a: "triggering" });
});

test("a refusal from before the run was retried gives up the place in the row of that time alone", () => {
  const begun = play(chain, [
    [0, started()],
    [10, cancelled],
    [20, retried],
    [30, taken(20)],
  ]);
  const refused: Event = {
    kind: "slotRefused",
    runId,
    step: "a",
    account: "acme",
    since: t0,
    reason: "waits",
    random: 0,
  };
  const late = decide(chain, begun.state, refused, t0 + 40);
  expect(late.actions).toEqual([{ kind: "freeSlot", runId, step: "a", account: "acme", since: t0 }]);
});

test("a slot that took too long to be had may have been given away since: it is asked for again", () => {
  const waiting = play(chain, [
    [0, started()],
    [minute, tick],
  ]);
  // Another function has asked again by now.
  const late = decide(chain, waiting.state, taken(0), t0 + minute + 1_000);
  expect(late.state).toBe(waiting.state);
  expect(late.actions).toEqual([]);
});

test("a slot of the account that a step was moved from is given back, and one of the new account is waited for", () => {
  const { state } = play(chain, [[0, started()]]);
  const moved = onAccount(chain, "other");
  const late = decide(moved, state, taken(0), t0 + 100);
  expect(actionsOf(late)).toEqual(["free acme of a", "take other for a"]);
  expect(slotOf(late.state)).toMatchObject({ account: "other", isHeld: false });
  expect(actionsOf(decide(moved, late.state, taken(0), t0 + 200))).toEqual(["free acme of a"]);
});

test("a step that a redeploy begins anew gives its slot back before it takes one again", () => {
  const { state } = play(chain, [
    [0, started()],
    [100, taken(0)],
    [200, accepted("a")],
  ]);
  const steps = chain.steps.map((step) => ({ ...step, image: { ...step.image, repository: "acme/new" } }));
  const again = decide({ ...chain, steps }, state, tick, t0 + minute);
  expect(actionsOf(again)).toEqual(["free acme of a", "take acme for a"]);
  expect(slotOf(again.state)).toMatchObject({ since: t0 + minute, isHeld: false });
});

test("what is waited for since is a whole millisecond, also by a clock that was put right by half of one", () => {
  const { state } = decide(chain, play(chain, []).state, started(), t0 + 0.5);
  expect(slotOf(state)).toMatchObject({ since: t0 });
});
