// The item that holds a pipeline's state.
import { emptyState, pipelineStateSchema } from "../../run/state.ts";
import { describeIssue } from "../../validation/expectation.ts";
import { type IndexEntries, notIndexed } from "../index-entries.ts";
import type { Loaded } from "../store.ts";
import type { Item } from "./requests.ts";
import { readStored } from "./stored-json.ts";
import { dueShardOf, pipelineKey, watchShardOf } from "./table.ts";
import { upgradeState } from "./upgrade.ts";

export function stateItem(
  pipeline: string,
  { version, indexed }: Loaded,
  text: string,
  writer: string,
): Item {
  return {
    ...pipelineKey(pipeline),
    version: { N: String(version) },
    writer: { S: writer },
    state: { S: text },
    ...indexKeys(pipeline, indexed),
  };
}

/** The indexes are sparse: without its two attributes, the item is not in an index. */
function indexKeys(pipeline: string, { dueAt, watchedAt }: IndexEntries): Item {
  return {
    ...(dueAt === null ? {} : { dueShard: { S: dueShardOf(pipeline) }, wakeAt: { N: String(dueAt) } }),
    ...(watchedAt === null
      ? {}
      : { watchShard: { S: watchShardOf(pipeline) }, watchAt: { N: String(watchedAt) } }),
  };
}

export function readState(item: Item | undefined): Loaded {
  if (item === undefined) return { state: emptyState, version: 0, indexed: notIndexed };
  return {
    state: pipelineStateSchema.parse(upgradeState(readStored(item.state?.S ?? "")), { error: describeIssue }),
    version: Number(item.version?.N),
    indexed: { dueAt: instantOf(item.wakeAt), watchedAt: instantOf(item.watchAt) },
  };
}

function instantOf(attribute: Item[string] | undefined): number | null {
  return attribute?.N === undefined ? null : Number(attribute.N);
}

export function pipelineOf(item: Item): string {
  return (item.pk?.S ?? "").slice("pipeline#".length);
}
