// The port for the store, which keeps the state of pipelines and their past runs.
import type { EndedRun, PipelineState, Run } from "../run/state.ts";
import type { IndexEntries } from "./index-entries.ts";

/** A pipeline's state, its version when it was read, and where the indexes have it. */
export type Loaded = { state: PipelineState; version: number; indexed: IndexEntries };
export type Saved = { kind: "saved"; loaded: Loaded } | { kind: "conflict" };
/** A pipeline that the sweep has to look at, and since when. */
export type Due = { pipeline: string; wakeAt: number };
/** `next` is where the next page starts; null on the last page. */
export type RunPage = { runs: Run[]; next: string | null };

export type Store = {
  load(pipeline: string): Promise<Loaded>;
  loadMany(pipelines: readonly string[]): Promise<Map<string, PipelineState>>;
  /** Saves if the version is still that of `before`. `replacedRun` moves to the history first. */
  save(pipeline: string, before: Loaded, state: PipelineState, replacedRun: EndedRun | null): Promise<Saved>;
  /** Those that have something to do by then, and some that are a little early. The longest overdue first. */
  listDue(until: number): Promise<Due[]>;
  findRun(id: string): Promise<Run | null>;
  /** Newest first. */
  listRuns(pipeline: string, limit: number, next: string | null): Promise<RunPage>;
};

/** The store is unreachable or its answer is unusable. The request may or may not have been carried out. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}
