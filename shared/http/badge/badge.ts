// What a badge says about a pipeline.
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { freshnessOf, mostBehind } from "../../run/freshness-of.ts";
import { type KnownState, type PipelineStatus, pipelineStatus, staleWord } from "../pages/status.ts";
import { ago, duration } from "../pages/times.ts";

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

export function badgeOf(label: string, pipeline: Pipeline, state: KnownState, now: number): Badge {
  const { word, tone, at } = pipelineStatus(pipeline, state);
  const { look } = state;
  const isBehind = word === staleWord && look !== null;
  const behind = isBehind ? mostBehind(freshnessOf(pipeline, look, state)) : null;
  if (behind !== null) {
    const since = behind.since === null ? "" : ` ${duration(behind.since, now)}`;
    return { label, message: `${behind.step.name}${since} behind`, color: colors[tone], isError: false };
  }
  // Only of fresh images does the age matter: a failure is one until it is fixed.
  const message = tone === "good" && at !== null ? `${word} ${ago(at, now)}` : word;
  return { label, message, color: colors[tone], isError: tone === "bad" };
}

/** The JSON that shields.io expects from an endpoint: https://shields.io/badges/endpoint-badge */
export function shieldsEndpoint({ label, message, color, isError }: Badge) {
  return { schemaVersion: 1, label, message, color, isError };
}
