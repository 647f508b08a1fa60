// Decides on events of a pipeline and saves what follows, unless another process changed the state: then it decides again.
import type { Pipeline } from "../pipeline/pipeline.ts";
import { decide } from "../run/decide.ts";
import { ignored } from "../run/decision.ts";
import type { Action, Decision, Event, Outcome } from "../run/event.ts";
import type { PipelineState } from "../run/state.ts";
import type { Loaded } from "../store/store.ts";
import { logTransitions } from "./log-transitions.ts";
import type { Relay } from "./relay.ts";
import { takeTurn } from "./turns.ts";

export type Events = readonly [Event, ...Event[]];

export type SavedDecision = {
  /** With what was saved together with it. */
  loaded: Loaded;
  outcome: Outcome | null;
  actions: Action[];
};

/** `loaded` is the state that the caller has already; null to load it anew. Throws StoreUnavailableError if nothing could be saved. */
export function saveInTurn(
  relay: Relay,
  pipeline: Pipeline,
  events: Events,
  loaded: Loaded | null,
): Promise<SavedDecision> {
  return new Promise((resolve, reject) => {
    takeTurn(relay.turns, relay, {
      pipeline: pipeline.name,
      loaded,
      reject,
      decide: (state) => decideAll(relay, pipeline, state, events),
      resolve: (before, { state, outcome, actions }, saved) => {
        if (state.run !== before) logTransitions(relay, before, state.run);
        resolve({ loaded: saved, outcome, actions });
      },
    });
  });
}

/** The outcome is that of the first event. */
function decideAll(
  relay: Relay,
  pipeline: Pipeline,
  state: PipelineState,
  [first, ...rest]: Events,
): Decision {
  return rest.reduce(
    (all: Decision, event) => {
      const next = decideUnlessTooLate(relay, pipeline, all.state, event);
      return {
        state: next.state,
        outcome: all.outcome,
        actions: [...all.actions, ...next.actions],
        replacedRun: all.replacedRun ?? next.replacedRun,
      };
    },
    decideUnlessTooLate(relay, pipeline, state, first),
  );
}

/** Triggers no step when the process is about to end. The step stays due, and the next sweep's tick triggers it. */
function decideUnlessTooLate(relay: Relay, pipeline: Pipeline, state: PipelineState, event: Event): Decision {
  const decision = decide(pipeline, state, event, relay.clock());
  const isClaim = decision.actions.some(({ kind }) => kind === "triggerStep");
  if (!isClaim || relay.mayClaim() || isAnswerToTrigger(event)) return decision;
  return ignored(state, "no time is left to send a trigger; the next sweep does it");
}

/** It is saved even in the last moment, or the step would be triggered again. */
function isAnswerToTrigger({ kind }: Event): boolean {
  return kind === "triggerAccepted" || kind === "triggerFailed";
}
