// What the page of a run shows.
import type { Pipeline } from "../../pipeline/pipeline.ts";
import type { PipelineState, Run } from "../../run/state.ts";
import type { Wanted } from "./listing.ts";

export type RunView = {
  run: Run;
  /** Null if the configuration no longer has it. */
  pipeline: Pipeline | null;
  /** Whether it is the pipeline's active or last run. No other run can be cancelled or retried. */
  isLatest: boolean;
  /** Whether no run is active, so that one can be started. */
  isIdle: boolean;
  /** Null if the pipeline is not configured any more. */
  state: PipelineState | null;
  /** Which of many steps are shown. */
  wanted: Wanted;
  /** The output of a command; null if there is none to show. */
  output: {
    step: string;
    text: string;
    /** More may come. */
    isOpen: boolean;
  } | null;
};
