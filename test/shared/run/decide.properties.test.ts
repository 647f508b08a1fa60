import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Evidence } from "../../../shared/evidence/evidence.ts";
import { findStep, type Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { Action, Decision, Event } from "../../../shared/run/event.ts";
import { scopeOf } from "../../../shared/run/reconcile.ts";
import {
  emptyState,
  findStepRun,
  isUnderWay,
  type PipelineState,
  pipelineStateSchema,
  type Run,
  wakeAtOf,
} from "../../../shared/run/state.ts";
import { events, instants, pipelines, start } from "./arbitrary-events.ts";
import { statesFor } from "./arbitrary-states.ts";
import { answerTo, decideWithAnswers, deliverOutbox, hour, minute, t0 } from "./story.ts";

/** The next event: any, or a plausible one. */
type Turn = { event: Event; plausible: number | null; laterMs: number };

const stories: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({
    event: events,
    plausible: fc.option(fc.nat(1_000)),
    laterMs: fc.constantFrom(0, 1_000, minute, hour),
  }),
  { maxLength: 80, size: "max" },
);

function plausibleEvents({ run }: PipelineState): Event[] {
  if (run?.status !== "running") return [start, { kind: "retryRequested", runId: run?.id ?? "p.run-1" }];
  return run.steps.flatMap((found): Event[] => {
    const about = { runId: run.id, step: found.name, attempt: found.attempts };
    const answer = { kind: "pushed", at: t0 + 1_000 * hour, hubAt: t0 + 1_000 * hour } as const;
    const push = {
      kind: "pushLookedUp",
      step: found.name,
      pushedAt: null,
      digest: null,
      newRunId: "p.run-2",
      answer,
      receivedAt: t0 + 1_000 * hour,
      random: 0,
    } as const;
    switch (found.state) {
      case "triggering":
        return [
          { kind: "triggerAccepted", ...about, build: null },
          {
            kind: "triggerFailed",
            ...about,
            failure: { kind: "unknown", reason: "" },
            random: 0,
          },
          {
            kind: "triggerFailed",
            ...about,
            failure: { kind: "rejected", reason: "" },
            random: 0,
          },
        ];
      case "building":
      case "due":
        return [push, { kind: "tagLookedUp", ...about, answer: { kind: "missing" }, random: 0 }];
      default:
        return [push];
    }
  });
}

type Check = (before: PipelineState, event: Event, decision: Decision, now: number) => void;

function playTurns(pipeline: Pipeline, story: readonly Turn[], check: Check): PipelineState {
  let state = emptyState;
  let now = t0;
  for (const { event: any, plausible, laterMs } of story) {
    now += laterMs;
    const likely = plausibleEvents(state);
    const event = plausible === null ? any : (likely[plausible % likely.length] ?? any);
    const decision = deliverOutbox(pipeline, decideWithAnswers(pipeline, state, event, now), now);
    check(state, event, decision, now);
    state = decision.state;
  }
  return state;
}

const triggersOf = (actions: readonly Action[]) => actions.filter(({ kind }) => kind === "triggerStep");
const stateOf = (run: Run | null, name: string) => findStepRun(run, name)?.state;

describe("decide", () => {
  test("never throws, and always returns a state that can be stored, for any state and event", () => {
    fc.assert(
      fc.property(
        pipelines.chain((pipeline) => fc.tuple(fc.constant(pipeline), statesFor(pipeline))),
        events,
        instants,
        ([pipeline, state], event, now) => {
          const decision = decide(pipeline, state, event, now);
          expect(pipelineStateSchema.parse(JSON.parse(JSON.stringify(decision.state)))).toEqual(
            decision.state,
          );
        },
      ),
      { numRuns: 1_500 },
    );
  });

  test("triggers no step before its predecessors are done in the same run", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        playTurns(pipeline, story, (_before, _event, { state, actions }) => {
          const scope = scopeOf(pipeline, { from: state.run?.from ?? null });
          for (const action of triggersOf(actions)) {
            if (action.kind !== "triggerStep" || action.runId !== state.run?.id) continue;
            const step = findStep(pipeline, action.step);
            for (const name of step?.after ?? []) {
              if (scope.has(name)) expect(stateOf(state.run, name)).toMatch(/^(?:done|fresh)$/);
            }
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  test("never has more steps under way than maxParallel", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        playTurns(pipeline, story, (_before, _event, { state }) => {
          const underWay = state.run?.steps.filter(isUnderWay) ?? [];
          expect(underWay.length).toBeLessThanOrEqual(pipeline.maxParallel);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("leaves no active run without a wakeAt", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        playTurns(pipeline, story, (_before, _event, { state }) => {
          if (state.pendingConfirmations.length === 0 && state.queuedRun === null) {
            expect(wakeAtOf({ ...state, lookAt: null }) === null).toBe(state.run?.status !== "running");
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  test("changes nothing if a push that was just handled is reported again", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        playTurns(pipeline, story, (_before, event, { state }, now) => {
          if (event.kind !== "imagePushed") return;
          const again = decideWithAnswers(pipeline, state, { ...event, newRunId: "p.run-9" }, now + 1_000);
          expect({ ...again.state, pendingConfirmations: [] }).toEqual({
            ...state,
            pendingConfirmations: [],
          });
          expect(triggersOf(again.actions)).toEqual([]);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("changes nothing in an active run for a push of a step that was not triggered", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        playTurns(pipeline, story, (before, event, decision) => {
          if (event.kind !== "imagePushed" || before.run?.status !== "running") return;
          if (before.pendingConfirmations.length > 0) return;
          const found = findStepRun(before.run, event.step);
          if ((found?.triggeredAt ?? null) === null)
            expect(decision).toMatchObject({ state: before, actions: [] });
        });
      }),
      { numRuns: 500 },
    );
  });

  test("ends every run that gets its pushes, in any order and any number of times", () => {
    fc.assert(
      fc.property(pipelines, fc.array(fc.nat(100), { minLength: 1 }), (drawn, order) => {
        // The evidence here proves nothing.
        const steps = drawn.steps.map((step) => ({ ...step, verify: "auto" as const, watch: false }));
        const pipeline = { ...drawn, steps };
        let now = t0;
        let { state } = grantSlots(pipeline, decideWithAnswers(pipeline, emptyState, start, now), now);
        for (let turn = 0; state.run?.status === "running" && turn < 500; turn += 1) {
          const triggered = state.run.steps
            .filter((found) => isUnderWay(found) && found.triggeredAt !== null)
            .map(({ name }) => name);
          const all = [...pipeline.steps.map(({ name }) => name), "unknown"];
          // In turn, a step that was triggered and any step.
          const from = turn % 2 === 0 && triggered.length > 0 ? triggered : all;
          const name = from[((order[turn % order.length] ?? 0) + Math.floor(turn / 2)) % from.length] ?? "";
          for (const event of endsOf(state, name, now)) {
            ({ state } = grantSlots(pipeline, decideWithAnswers(pipeline, state, event, now), now));
          }
          now = Math.max(now, (turn % 3 === 0 ? wakeAtOf(state) : null) ?? now);
          ({ state } = grantSlots(pipeline, decideWithAnswers(pipeline, state, { kind: "tick" }, now), now));
        }
        expect(state.run?.status).toBe("succeeded");
      }),
      { numRuns: 500 },
    );
  });

  test("ends every run without pushes, after no more triggers than its retries allow", () => {
    fc.assert(
      fc.property(pipelines, (drawn) => {
        const pipeline = { ...drawn, steps: drawn.steps.map((step) => ({ ...step, watch: false })) };
        let now = t0;
        let decision = decideWithAnswers(pipeline, emptyState, start, now);
        const triggered = new Map<string, number>();
        const pending: Action[] = [...decision.actions];
        for (let turn = 0; decision.state.run?.status === "running" && turn < 10_000; turn += 1) {
          const action = pending.shift();
          if (action?.kind === "triggerStep") {
            triggered.set(action.step, (triggered.get(action.step) ?? 0) + 1);
          }
          const event = action === undefined ? ({ kind: "tick" } as const) : outcomeOf(action, now);
          if (action === undefined) now = Math.max(now, wakeAtOf(decision.state) ?? now);
          if (event === null) continue;
          decision = decideWithAnswers(pipeline, decision.state, event, now);
          pending.push(...decision.actions);
        }
        const { run } = decision.state;
        expect(run?.status).toBe("failed");
        for (const { name, retries } of pipeline.steps) {
          expect(triggered.get(name) ?? 0).toBeLessThanOrEqual(1 + retries);
        }
        const waits = pipeline.steps.map(({ timeoutMs, retries }) => (timeoutMs + minute) * (1 + retries));
        const isWide = pipeline.maxParallel >= pipeline.steps.length;
        const longestMs = isWide ? Math.max(...waits) : waits.reduce((all, wait) => all + wait);
        expect(now - t0).toBeLessThanOrEqual(longestMs);
      }),
      { numRuns: 300 },
    );
  });

  test("leaves nothing under way in a run that has ended", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        playTurns(pipeline, story, (_before, _event, { state, replacedRun }) => {
          for (const run of [state.run, replacedRun]) {
            if (run === null || run.status === "running") continue;
            expect(run.steps.filter(isUnderWay)).toEqual([]);
          }
        });
      }),
      { numRuns: 500 },
    );
  });
});

const answered: Action["kind"][] = ["acquireSlot", "lookAtStep", "readTags", "moveTags"];

function grantSlots(pipeline: Pipeline, decision: Decision, now: number): Decision {
  let { state } = decision;
  for (const action of decision.actions) {
    if (!answered.includes(action.kind)) continue;
    const event = outcomeOf(action, now);
    if (event !== null)
      ({ state } = grantSlots(pipeline, decideWithAnswers(pipeline, state, event, now), now));
  }
  return { ...decision, state };
}

/** The tag is pushed, and the builder reports the end of the build. */
function endsOf({ run }: PipelineState, name: string, now: number): Event[] {
  const answer = { kind: "pushed", at: now, hubAt: now } as const;
  const candidate = run === null || run.promotion === null ? {} : { candidateOf: run.id };
  const push = { step: name, ...candidate, pushedAt: null, digest: null, newRunId: "p.run-2" };
  const about = { runId: run?.id ?? "", step: name };
  const attempts = findStepRun(run, name)?.attempts ?? 0;
  const pushed = { digest: "sha256:1", platforms: [], standsOn: [] };
  const evidence: Evidence = { kind: "found", pushed, contradictions: [] };
  return [
    { kind: "pushLookedUp", ...push, answer, receivedAt: now, random: 0, evidence },
    { kind: "buildEnded", ...about, attempt: attempts, end: { kind: "succeeded" }, random: 0, evidence },
  ];
}

/** Every trigger is accepted, and no tag is ever pushed. */
function outcomeOf(action: Action, now: number): Event | null {
  switch (action.kind) {
    case "triggerStep":
      return {
        kind: "triggerAccepted",
        runId: action.runId,
        step: action.step,
        attempt: action.attempt,
        build: { id: "images:1", url: null },
      };
    case "lookUpTag": {
      const { runId, step: name, attempt: number } = action;
      const answer = { kind: "missing" } as const;
      return { kind: "tagLookedUp", runId, step: name, attempt: number, answer, random: 0 };
    }
    case "lookUpBuild": {
      const { runId, step: name, attempt: number } = action;
      const answer = { kind: "running" } as const;
      return { kind: "buildNotEnded", runId, step: name, attempt: number, answer, random: 0 };
    }
    case "acquireSlot": {
      const { runId, step: name, account, since } = action;
      return { kind: "slotAcquired", runId, step: name, account: account.name, since, requestedAt: now };
    }
    case "lookAtStep": {
      const { runId, step: name, attempt: number } = action;
      const evidence = { kind: "unknown", reason: "not found", isTemporary: false } as const;
      return { kind: "stepLookedAt", runId, step: name, attempt: number, evidence };
    }
    case "gatherEvidence":
    case "lookUpDigests":
      return answerTo(action);
    case "readTags": {
      const tags = action.tags.map(({ step, image, digest }) => {
        return { kind: "read" as const, step, image, candidate: digest ?? "sha256:1", current: "absent" };
      });
      return { kind: "tagsRead", runId: action.runId, since: action.since, tags, random: 0 };
    }
    case "moveTags": {
      const results = action.moves.map(({ step, image }) => ({ kind: "moved" as const, step, image }));
      const { runId, since, isBack } = action;
      return { kind: "tagsMoved", runId, since, isBack, results, random: 0 };
    }
    case "startQueuedRun":
      return { kind: "tick" };
    case "lookForStale":
    case "confirmPush":
    case "deliverOutboxEntry":
    case "releaseSlot":
    case "stopBuild":
      return null;
  }
}
