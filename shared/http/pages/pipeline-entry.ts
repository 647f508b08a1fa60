import type { Pipeline } from "../../pipeline/pipeline.ts";
import type { PipelineState } from "../../run/state.ts";

/** What the pages list. */
export type PipelineEntry = { pipeline: Pipeline; state: PipelineState };
