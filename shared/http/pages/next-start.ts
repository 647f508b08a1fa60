// When a pipeline's next run starts, in words.
import { html } from "hono/html";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { nextStart } from "../../pipeline/schedule.ts";
import type { PipelineState } from "../../run/state.ts";
import { maxNames, nameSome } from "./describe.ts";
import type { Html } from "./layout.ts";
import { timeUntil } from "./times.ts";

export function nextStartOf({ schedule, after }: Pipeline, { queuedRun }: PipelineState, now: number): Html {
  if (queuedRun !== null) return html`after the active run`;
  const at = schedule === null ? null : nextStart(schedule, now);
  if (at !== null) return timeUntil(at, now);
  if (after.length > 0) return html`after ${nameSome(after, maxNames)}`;
  return html`on demand`;
}
