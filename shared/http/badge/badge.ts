// What a badge says about a pipeline.
import type { PipelineState } from "../../run/state.ts";
import { type PipelineStatus, pipelineStatus } from "../pages/status.ts";
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

export function badgeOf(label: string, state: Pick<PipelineState, "run">, now: number): Badge {
  const { word, tone, at } = pipelineStatus(state);
  // Only of fresh images does the age matter: a failure is one until it is fixed.
  const message = tone === "good" && at !== null ? `${word} ${ago(at, now)}` : word;
  return { label, message, color: colors[tone], isError: tone === "bad" };
}

/** The JSON that shields.io expects from an endpoint: https://shields.io/badges/endpoint-badge */
export function shieldsEndpoint({ label, message, color, isError }: Badge) {
  return { schemaVersion: 1, label, message, color, isError };
}
