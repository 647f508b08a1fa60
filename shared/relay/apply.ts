// The one loop: loads a pipeline, decides, saves under the version, and only then does what was decided.
import { decide } from "../core/decide.ts";
import type { Action, Decision, Event, Outcome } from "../core/event.ts";
import type { Pipeline } from "../core/pipeline.ts";
import type { PipelineState } from "../core/run.ts";
import { type Loaded, StoreUnavailableError } from "../store/store.ts";
import { freeSlots, type Offer, slotFailed } from "./account-slots.ts";
import { logTransitions } from "./log-transitions.ts";
import { type ApplyTo, perform } from "./perform.ts";
import type { Relay } from "./relay.ts";
import { unlessUnreachable } from "./unless-unreachable.ts";

export type Applied = { outcome: Outcome; state: PipelineState };

type Events = readonly [Event, ...Event[]];

const conflictsAtMost = 40;
/** How long to wait before an outcome is saved once more, while the store cannot be reached. */
const saveAgainMs = [200, 500, 1_000, 2_000];

/** Applies an event, and whatever follows from it. Throws StoreUnavailableError where the event could not be saved. */
export async function apply(relay: Relay, pipeline: Pipeline, event: Event): Promise<Applied> {
  let step = await saveDecision(relay, pipeline, [event], await relay.store.load(pipeline.name));
  // What the event does depends on an answer, and nothing is saved before that is there.
  while (step.outcome === null) {
    const events = await performAll(relay, pipeline, step.actions);
    if (events === null) break;
    step = await saveDecision(relay, pipeline, events, step.loaded);
  }
  const outcome: Outcome = step.outcome ?? { kind: "ignored", reason: "nothing came of it" };
  let { loaded, actions } = step;
  let notices: Action[] = [];
  try {
    while (actions.length > 0 || notices.length > 0) {
      // Channels take their time, and nothing else waits for them.
      notices.push(...actions.filter(isForChannel));
      const others = actions.filter((action) => !isForChannel(action));
      const events = await performAll(relay, pipeline, others.length > 0 ? others : notices);
      if (others.length === 0) notices = [];
      actions = [];
      if (events !== null) ({ loaded, actions } = await saveOutcomes(relay, pipeline, events, loaded));
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
  return { outcome, state: loaded.state };
}

function isForChannel(action: Action): boolean {
  return action.kind === "runErrand" && action.errand.kind === "notify" && action.errand.channel !== null;
}

type SavedDecision = { loaded: Loaded; outcome: Outcome | null; actions: Action[] };

/** What has been done is worth some patience: its outcome, lost, would cost a grace period and perhaps a build. */
async function saveOutcomes(
  relay: Relay,
  pipeline: Pipeline,
  events: Events,
  found: Loaded,
): Promise<SavedDecision> {
  let before = found;
  for (const waitMs of saveAgainMs) {
    try {
      return await saveDecision(relay, pipeline, events, before);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      await relay.sleep(waitMs);
      // It may have been saved for all that: then the events change nothing any more.
      before = await relay.store.load(pipeline.name).catch(() => before);
    }
  }
  return saveDecision(relay, pipeline, events, before);
}

async function saveDecision(
  relay: Relay,
  pipeline: Pipeline,
  events: Events,
  found: Loaded,
): Promise<SavedDecision> {
  let before = found;
  for (let conflicts = 0; conflicts < conflictsAtMost; conflicts += 1) {
    const { state, outcome, actions, replaced } = decideAll(pipeline, before.state, events, relay.clock());
    if (state === before.state) return { loaded: before, outcome, actions };
    const saved = await relay.store.save(pipeline.name, before, state, replaced);
    if (saved.kind === "saved") {
      logTransitions(relay, before.state.run, state.run);
      return { loaded: saved.loaded, outcome, actions };
    }
    await relay.sleep(relay.random() * Math.min(200, 5 * 2 ** conflicts));
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
  [first, ...rest]: Events,
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

/** What came of the actions, or null where nothing came of any. */
async function performAll(
  relay: Relay,
  pipeline: Pipeline,
  actions: readonly Action[],
): Promise<Events | null> {
  const applyTo: ApplyTo = (other, event) => apply(relay, other, event);
  // First, so that the same event can take what it gives back, in its turn.
  const next = await freeSlots(relay, pipeline, actions);
  const [events] = await Promise.all([
    Promise.all(actions.map((action) => perform(relay, pipeline, action, applyTo))),
    Promise.all(next.map((offer) => offerSlot(relay, offer))),
  ]);
  const [first, ...rest] = events.filter((event) => event !== null);
  return first === undefined ? null : [first, ...rest];
}

/** Should it not hear of it, it asks by itself in a minute. */
async function offerSlot(relay: Relay, { pipeline: name, ...offer }: Offer): Promise<void> {
  const pipeline = relay.pipelines.get(name);
  if (pipeline === undefined) return;
  await unlessUnreachable(relay, slotFailed(name, offer.runId, offer.step), () =>
    apply(relay, pipeline, { kind: "slotFreed", ...offer }),
  );
}
