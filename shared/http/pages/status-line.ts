// The status of a pipeline on one line: its word, its progress while it runs, and its age.
import { html } from "hono/html";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { statusLabel } from "./icons.ts";
import type { Html } from "./layout.ts";
import { type KnownState, pipelineStatus } from "./status.ts";
import { timeAgo } from "./times.ts";

/** `progress` is empty or begins with a space. */
export function statusLine(pipeline: Pipeline, state: KnownState, progress: string, now: number): Html {
  const status = pipelineStatus(pipeline, state);
  if (status.at === null) return statusLabel(status);
  const since = timeAgo(status.at, now);
  return html`${statusLabel(status)}${progress} ${status.tone === "busy" ? html`started ${since}` : since}`;
}
