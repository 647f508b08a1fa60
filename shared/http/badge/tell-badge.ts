// What a badge says of a pipeline.
import type { PipelineState } from "../../core/run.ts";
import { type PipelineStatus, tellPipeline } from "../pages/tell-state.ts";
import { ago } from "../pages/times.ts";

export type Badge = { label: string; message: string; color: Color; isError: boolean };
export type Color = "brightgreen" | "blue" | "red" | "yellow" | "lightgrey";

const colors: Record<PipelineStatus["tone"], Color> = {
  good: "brightgreen",
  busy: "blue",
  bad: "red",
  soon: "yellow",
  calm: "lightgrey",
};

export const unknownBadge: Badge = {
  label: "tagrelay",
  message: "unknown",
  color: "lightgrey",
  isError: true,
};

export function tellBadge(label: string, state: Pick<PipelineState, "run">, now: number): Badge {
  const { word, tone, at } = tellPipeline(state);
  // Of the others the age says little: a build takes its time, and a failure is one until it is mended.
  const message = tone === "good" && at !== null ? `${word} ${ago(at, now)}` : word;
  return { label, message, color: colors[tone], isError: tone === "bad" };
}

/** As shields.io asks an endpoint for it. */
export function endpointOf({ label, message, color, isError }: Badge) {
  return { schemaVersion: 1, label, message, color, isError };
}
