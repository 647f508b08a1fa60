// The loop: decide on an event and save what follows (save-in-turn.ts), and only then act. The results are the next events.
import { messageOf } from "../log.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Action, Event, Outcome } from "../run/event.ts";
import type { PipelineState } from "../run/state.ts";
import { type Loaded, StoreUnavailableError } from "../store/store.ts";
import { type Offer, releaseSlots, slotFailedEntry } from "./account-slots.ts";
import { ifStoreReachable } from "./if-store-reachable.ts";
import { type ApplyTo, perform } from "./perform.ts";
import type { Relay } from "./relay.ts";
import { type Events, type SavedDecision, saveInTurn } from "./save-in-turn.ts";

export type Applied = { outcome: Outcome; state: PipelineState };

/** How long to wait before each new attempt to save the result of an action, while the store is unreachable. */
const saveRetriesMs = [200, 500, 1_000, 2_000];

/** Applies an event and whatever follows from it. Throws StoreUnavailableError if the event could not be saved. */
export async function apply(relay: Relay, pipeline: Pipeline, event: Event): Promise<Applied> {
  let saved = await saveInTurn(relay, pipeline, [event], null);
  // The effect of the event depends on an answer from outside, and nothing is saved before it arrives.
  while (saved.outcome === null) {
    const events = await performAll(relay, pipeline, saved.actions);
    if (events === null) break;
    saved = await saveInTurn(relay, pipeline, events, saved.loaded);
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
      if (events !== null) ({ loaded, actions } = await saveResults(relay, pipeline, events, loaded));
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

/** Retries for some seconds: a lost outcome would cost a grace period, and perhaps a second build. */
async function saveResults(
  relay: Relay,
  pipeline: Pipeline,
  events: Events,
  found: Loaded,
): Promise<SavedDecision> {
  let before = found;
  for (const waitMs of saveRetriesMs) {
    try {
      return await saveInTurn(relay, pipeline, events, before);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      await relay.sleep(waitMs);
      // The save may have succeeded after all; then the events change nothing any more.
      before = await relay.store.load(pipeline.name).catch(() => before);
    }
  }
  return saveInTurn(relay, pipeline, events, before);
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
  await ifStoreReachable(relay, slotFailedEntry(name, offer.runId, offer.step), () =>
    apply(relay, pipeline, { kind: "slotAvailable", ...offer }),
  );
}
