// The item that holds a pipeline's state.
import { emptyState, type PipelineState, pipelineStateSchema, wakeAtOf } from "../../run/state.ts";
import { describeIssue } from "../../validation/expectation.ts";
import type { Loaded } from "../store.ts";
import type { Item } from "./requests.ts";
import { readStored } from "./stored-json.ts";
import { dueShardOf, pipelineKey } from "./table.ts";
import { upgradeState } from "./upgrade.ts";

/** A claim is saved with an entry that is early by a sweep's minute and the claim itself, and its outcome follows at once. */
const maxEarlyMs = 2 * 60_000;

/**
 * Where the index has the pipeline. To move an entry costs two write units more, so one that is only a little early stays:
 * a sweep that looks too early finds nothing to do. An entry is never late.
 */
export function indexedAtOf(state: PipelineState, before: number | null): number | null {
  const wakeAt = wakeAtOf(state);
  const isUsable = before !== null && wakeAt !== null && before <= wakeAt && wakeAt - before <= maxEarlyMs;
  return isUsable ? before : wakeAt;
}

export function stateItem(
  pipeline: string,
  { version, indexedAt }: Loaded,
  text: string,
  writer: string,
): Item {
  return {
    ...pipelineKey(pipeline),
    version: { N: String(version) },
    writer: { S: writer },
    state: { S: text },
    // The index is sparse: without these two attributes, the item is not in it.
    ...(indexedAt === null
      ? {}
      : { dueShard: { S: dueShardOf(pipeline) }, wakeAt: { N: String(indexedAt) } }),
  };
}

export function readState(item: Item | undefined): Loaded {
  if (item === undefined) return { state: emptyState, version: 0, indexedAt: null };
  return {
    state: pipelineStateSchema.parse(upgradeState(readStored(item.state?.S ?? "")), { error: describeIssue }),
    version: Number(item.version?.N),
    indexedAt: item.wakeAt?.N === undefined ? null : Number(item.wakeAt.N),
  };
}

export function pipelineOf(item: Item): string {
  return (item.pk?.S ?? "").slice("pipeline#".length);
}
