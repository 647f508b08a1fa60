// The one loop: loads a pipeline, decides, saves under the version, and only then does what was decided.
import { decide } from "../core/decide.ts";
import type { Action, Decision, Event, Outcome } from "../core/event.ts";
import type { Pipeline } from "../core/pipeline.ts";
import type { PipelineState } from "../core/run.ts";
import { type Loaded, StoreUnavailableError } from "../store/store.ts";
import { logTransitions } from "./log-transitions.ts";
import { perform } from "./perform.ts";
import type { Relay } from "./relay.ts";

export type Applied = { outcome: Outcome; state: PipelineState };

const conflictsAtMost = 40;

/** Applies an event, and whatever follows from it. Throws StoreUnavailableError where the event could not be saved. */
export async function apply(relay: Relay, pipeline: Pipeline, event: Event): Promise<Applied> {
  const first = await saveDecision(relay, pipeline, [event], await relay.store.load(pipeline.name));
  let { loaded, actions } = first;
  const applied = { outcome: first.outcome, state: loaded.state };
  try {
    while (actions.length > 0) {
      const [event, ...events] = await performAll(relay, pipeline, loaded.state, actions);
      if (event === undefined) break;
      ({ loaded, actions } = await saveDecision(relay, pipeline, [event, ...events], loaded));
    }
  } catch (error) {
    // The event itself is saved. What came of its actions is found missing when their time is up.
    relay.log("error", {
      event: "outcome.lost",
      pipeline: pipeline.name,
      run: loaded.state.run?.id,
      reason: error instanceof Error ? error.message : "unknown",
    });
    if (!(error instanceof StoreUnavailableError)) throw error;
  }
  return { ...applied, state: loaded.state };
}

type SavedDecision = { loaded: Loaded; outcome: Outcome; actions: Action[] };

async function saveDecision(
  relay: Relay,
  pipeline: Pipeline,
  events: readonly [Event, ...Event[]],
  found: Loaded,
): Promise<SavedDecision> {
  let before = found;
  for (let conflicts = 0; conflicts < conflictsAtMost; conflicts += 1) {
    const decision = decideAll(pipeline, before.state, events, relay.clock());
    if (decision.state === before.state) return { loaded: before, outcome: decision.outcome, actions: [] };
    const saved = await relay.store.save(pipeline.name, before, decision.state, decision.replaced);
    if (saved.kind === "saved") {
      logTransitions(relay, before.state.run, decision.state.run);
      return {
        loaded: saved.loaded,
        outcome: decision.outcome,
        actions: decision.actions,
      };
    }
    await waitABit(relay, conflicts);
    before = await relay.store.load(pipeline.name);
  }
  throw new StoreUnavailableError(
    `pipeline ${pipeline.name} was changed by others ${conflictsAtMost} times in a row`,
  );
}

/** The outcome is that of the first event. */
function decideAll(
  pipeline: Pipeline,
  state: PipelineState,
  [first, ...rest]: readonly [Event, ...Event[]],
  now: number,
): Decision {
  return rest.reduce(
    (all: Decision, event) => {
      const next = decide(pipeline, all.state, event, now);
      return {
        state: next.state,
        outcome: all.outcome,
        actions: [...all.actions, ...next.actions],
        replaced: all.replaced ?? next.replaced,
      };
    },
    decide(pipeline, state, first, now),
  );
}

async function performAll(
  relay: Relay,
  pipeline: Pipeline,
  state: PipelineState,
  actions: readonly Action[],
): Promise<Event[]> {
  const events = await Promise.all(actions.map((action) => perform(relay, pipeline, state, action)));
  return events.filter((event) => event !== null);
}

function waitABit({ random }: Relay, conflicts: number): Promise<void> {
  const waitMs = random() * Math.min(200, 5 * 2 ** conflicts);
  return new Promise((resolve) => setTimeout(resolve, waitMs));
}
