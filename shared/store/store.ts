// What the rest of the program needs of the store, whatever engine is behind it.
import type { EndedRun, PipelineState, Run } from "../core/run.ts";

/** A pipeline's state as it was read, under the version that a save has to find again. */
export type Loaded = { state: PipelineState; version: number };
export type Saved = { kind: "saved"; loaded: Loaded } | { kind: "conflict" };
/** A pipeline by its name, and since when it is to be looked at. */
export type Due = { pipeline: string; wakeAt: number };
export type RunPage = { runs: Run[]; next: string | null };

export type Store = {
  load(pipeline: string): Promise<Loaded>;
  loadMany(pipelines: readonly string[]): Promise<Map<string, PipelineState>>;
  /** Saves if nobody else has since `before` was read; `replaced` is kept as history first. */
  save(pipeline: string, before: Loaded, state: PipelineState, replaced: EndedRun | null): Promise<Saved>;
  /** The pipelines that are to be looked at by then, the longest overdue first. */
  listDue(until: number): Promise<Due[]>;
  findRun(id: string): Promise<Run | null>;
  /** Newest first, `next` is where to go on. */
  listRuns(pipeline: string, limit: number, next: string | null): Promise<RunPage>;
};

/** The store cannot be reached or does not answer as it should: what was asked may or may not have been done. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}
