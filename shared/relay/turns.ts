// Saves a pipeline's decisions one batch after another: those that arrive while a save is under way share the next one.
// Hundreds of images of a family may be pushed at once: if each were saved on its own, all but one would meet a conflict and
// decide again.
import type { Decision } from "../run/event.ts";
import type { PipelineState, Run } from "../run/state.ts";
import { needsNewEntry } from "../store/index-entries.ts";
import { type Loaded, type Store, StoreUnavailableError } from "../store/store.ts";

export type Turn = {
  pipeline: string;
  /** The state that the caller has already; null to load it anew. */
  loaded: Loaded | null;
  decide: (state: PipelineState) => Decision;
  /** Called with the run as it was before this decision, and with all that was saved. */
  resolve: (before: Run | null, decision: Decision, loaded: Loaded) => void;
  reject: (error: unknown) => void;
};

type Ports = {
  store: Store;
  clock: () => number;
  random: () => number;
  sleep: (ms: number) => Promise<void>;
};

/** What waits for its turn, by pipeline. A pipeline has an entry while decisions on it are being saved. */
export type Turns = Map<string, Turn[]>;

const maxConflicts = 40;

export function takeTurn(turns: Turns, ports: Ports, turn: Turn): void {
  const waiting = turns.get(turn.pipeline);
  if (waiting === undefined) void saveAll(turns, ports, turn);
  else waiting.push(turn);
}

async function saveAll(turns: Turns, ports: Ports, first: Turn): Promise<void> {
  const waiting: Turn[] = [];
  turns.set(first.pipeline, waiting);
  let last: Loaded | null = null;
  for (let batch = [first]; batch.length > 0; batch = waiting.splice(0)) {
    try {
      const saved = await saveBatch(ports, first.pipeline, batch, last);
      last = saved.loaded;
      waiting.unshift(...saved.rest);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
  turns.delete(first.pipeline);
}

/** Returns what it saved, and the turns that did not fit into the same save. */
async function saveBatch(
  { store, clock, random, sleep }: Ports,
  pipeline: string,
  batch: readonly Turn[],
  last: Loaded | null,
): Promise<{ loaded: Loaded; rest: readonly Turn[] }> {
  let before = newestOf(batch, last) ?? (await store.load(pipeline));
  let open = batch;
  for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
    const { decided, rest } = decideBatch(open, before.state);
    const { state, replacedRun } = stateAfter(decided, before.state);
    // An unchanged state is saved only if the time of its index entry has passed: otherwise each sweep would find it again.
    const saved =
      state === before.state && !needsNewEntry(state, before.indexed, clock())
        ? ({ kind: "saved", loaded: before } as const)
        : await store.save(pipeline, before, state, replacedRun);
    if (saved.kind === "saved") {
      settle(decided, before.state.run, saved.loaded);
      return { loaded: saved.loaded, rest };
    }
    await sleep(random() * Math.min(200, 5 * 2 ** conflicts));
    // A turn that was rejected is not decided on again: nobody would perform its actions.
    open = [...decided.map(({ turn }) => turn), ...rest];
    before = await store.load(pipeline);
  }
  throw new StoreUnavailableError(
    `pipeline ${pipeline} was changed by other processes ${maxConflicts} times in a row`,
  );
}

/** Null if one of them needs the state loaded anew. */
function newestOf(batch: readonly Turn[], last: Loaded | null): Loaded | null {
  let newest = last;
  for (const { loaded } of batch) {
    if (loaded === null) return null;
    if (newest === null || loaded.version > newest.version) newest = loaded;
  }
  return newest;
}

type Decided = { turn: Turn; decision: Decision };

/** Stops before a decision that would replace a second run, because a save archives only one. The rest is for the next save. */
function decideBatch(
  batch: readonly Turn[],
  before: PipelineState,
): { decided: Decided[]; rest: readonly Turn[] } {
  const decided: Decided[] = [];
  let state = before;
  let isReplaced = false;
  for (const [place, turn] of batch.entries()) {
    const decision = decideOrReject(turn, state);
    if (decision === null) continue;
    if (isReplaced && decision.replacedRun !== null) return { decided, rest: batch.slice(place) };
    isReplaced ||= decision.replacedRun !== null;
    decided.push({ turn, decision });
    state = decision.state;
  }
  return { decided, rest: [] };
}

/** An error in one decision must not lose the others. */
function decideOrReject(turn: Turn, state: PipelineState): Decision | null {
  try {
    return turn.decide(state);
  } catch (error) {
    turn.reject(error);
    return null;
  }
}

function stateAfter(
  decided: readonly Decided[],
  before: PipelineState,
): Pick<Decision, "state" | "replacedRun"> {
  return {
    state: decided.at(-1)?.decision.state ?? before,
    replacedRun: decided.find(({ decision }) => decision.replacedRun !== null)?.decision.replacedRun ?? null,
  };
}

function settle(decided: readonly Decided[], run: Run | null, loaded: Loaded): void {
  let before = run;
  for (const { turn, decision } of decided) {
    turn.resolve(before, decision, loaded);
    before = decision.state.run;
  }
}
