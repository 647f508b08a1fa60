// The loop: load a pipeline's state, decide, save the new state unless another process changed it, and only then act.
import { messageOf } from "../log.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { decide } from "../run/decide.ts";
import { ignored } from "../run/decision.ts";
import type { Action, Decision, Event, Outcome } from "../run/event.ts";
import type { PipelineState } from "../run/state.ts";
import { isPassed } from "../store/index-entries.ts";
import { type Loaded, StoreUnavailableError } from "../store/store.ts";
import { type Offer, releaseSlots, slotFailed } from "./account-slots.ts";
import { ifStoreReachable } from "./if-store-reachable.ts";
import { logTransitions } from "./log-transitions.ts";
import { type ApplyTo, perform } from "./perform.ts";
import type { Relay } from "./relay.ts";

export type Applied = { outcome: Outcome; state: PipelineState };

type Events = readonly [Event, ...Event[]];

const maxConflicts = 40;
/** The waits before the outcome of an action is saved again, while the store is unreachable. */
const saveRetriesMs = [200, 500, 1_000, 2_000];

/** Applies an event and whatever follows from it. Throws StoreUnavailableError if the event could not be saved. */
export async function apply(relay: Relay, pipeline: Pipeline, event: Event): Promise<Applied> {
  let saved = await saveDecision(relay, pipeline, [event], await relay.store.load(pipeline.name));
  // The effect of the event depends on an answer from outside, and nothing is saved before it arrives.
  while (saved.outcome === null) {
    const events = await performAll(relay, pipeline, saved.actions);
    if (events === null) break;
    saved = await saveDecision(relay, pipeline, events, saved.loaded);
  }
  const outcome: Outcome = saved.outcome ?? { kind: "ignored", reason: "the event changed nothing" };
  const loaded = await followUp(relay, pipeline, saved);
  return { outcome, state: loaded.state };
}

/** Performs the actions, and those that follow from their results. Returns the last state it saved. */
async function followUp(relay: Relay, pipeline: Pipeline, saved: SavedDecision): Promise<Loaded> {
  let { loaded, actions } = saved;
  let notices: Action[] = [];
  try {
    while (actions.length > 0 || notices.length > 0) {
      // Channels may be slow, so their notices are sent last.
      notices.push(...actions.filter(isForChannel));
      const others = actions.filter((action) => !isForChannel(action));
      const events = await performAll(relay, pipeline, others.length > 0 ? others : notices);
      if (others.length === 0) notices = [];
      actions = [];
      if (events !== null) ({ loaded, actions } = await saveOutcomes(relay, pipeline, events, loaded));
    }
  } catch (error) {
    // The event itself is saved. The sweep notices that the outcomes of its actions are missing.
    const run = loaded.state.run?.id;
    relay.log("error", { event: "outcome.lost", pipeline: pipeline.name, run, reason: messageOf(error) });
    if (!(error instanceof StoreUnavailableError)) throw error;
  }
  return loaded;
}

function isForChannel(action: Action): boolean {
  return (
    action.kind === "deliverOutboxEntry" && action.entry.kind === "notify" && action.entry.channel !== null
  );
}

type SavedDecision = { loaded: Loaded; outcome: Outcome | null; actions: Action[] };

/** Retries for some seconds: a lost outcome would cost a grace period, and perhaps a second build. */
async function saveOutcomes(
  relay: Relay,
  pipeline: Pipeline,
  events: Events,
  found: Loaded,
): Promise<SavedDecision> {
  let before = found;
  for (const waitMs of saveRetriesMs) {
    try {
      return await saveDecision(relay, pipeline, events, before);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      await relay.sleep(waitMs);
      // The save may have succeeded after all; then the events change nothing any more.
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
  for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
    const { state, outcome, actions, replaced } = decideAll(relay, pipeline, before.state, events);
    if (state === before.state && !isPassed(state, before.indexed, relay.clock())) {
      return { loaded: before, outcome, actions };
    }
    const saved = await relay.store.save(pipeline.name, before, state, replaced);
    if (saved.kind === "saved") {
      logTransitions(relay, before.state.run, state.run);
      return { loaded: saved.loaded, outcome, actions };
    }
    await relay.sleep(relay.random() * Math.min(200, 5 * 2 ** conflicts));
    before = await relay.store.load(pipeline.name);
  }
  throw new StoreUnavailableError(
    `pipeline ${pipeline.name} was changed by other processes ${maxConflicts} times in a row`,
  );
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
      const next = decideInTime(relay, pipeline, all.state, event);
      return {
        state: next.state,
        outcome: all.outcome,
        actions: [...all.actions, ...next.actions],
        replaced: all.replaced ?? next.replaced,
      };
    },
    decideInTime(relay, pipeline, state, first),
  );
}

/** Ignores an event that would claim a step too late: it stays due, and the next sweep sends the event again. */
function decideInTime(relay: Relay, pipeline: Pipeline, state: PipelineState, event: Event): Decision {
  const decision = decide(pipeline, state, event, relay.clock());
  const isClaim = decision.actions.some(({ kind }) => kind === "triggerStep");
  if (!isClaim || relay.mayClaim() || isAnswerToTrigger(event)) return decision;
  return ignored(state, "no time is left to send a trigger; the next sweep does it");
}

/** Without it, the step that was triggered would be triggered again. */
function isAnswerToTrigger({ kind }: Event): boolean {
  return kind === "triggerAccepted" || kind === "triggerFailed";
}

/** The results of the actions; null if there are none. */
async function performAll(
  relay: Relay,
  pipeline: Pipeline,
  actions: readonly Action[],
): Promise<Events | null> {
  const applyTo: ApplyTo = (other, event) => apply(relay, other, event);
  // Slots are released first, so that other actions of the same event can acquire them.
  const offers = await releaseSlots(relay, pipeline, actions);
  const [events] = await Promise.all([
    Promise.all(actions.map((action) => perform(relay, pipeline, action, applyTo))),
    Promise.all(offers.map((offer) => offerSlot(relay, offer))),
  ]);
  const [first, ...rest] = events.filter((event) => event !== null);
  return first === undefined ? null : [first, ...rest];
}

/** If the offer is lost, the step asks again within a minute. */
async function offerSlot(relay: Relay, { pipeline: name, ...offer }: Offer): Promise<void> {
  const pipeline = relay.pipelines.get(name);
  if (pipeline === undefined) return;
  await ifStoreReachable(relay, slotFailed(name, offer.runId, offer.step), () =>
    apply(relay, pipeline, { kind: "slotAvailable", ...offer }),
  );
}
