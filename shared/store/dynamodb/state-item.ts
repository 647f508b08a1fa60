// The item that holds a pipeline's state.
import { emptyState, pipelineStateSchema } from "../../run/state.ts";
import { describeIssue } from "../../validation/expectation.ts";
import { notIndexed } from "../index-entries.ts";
import type { Loaded } from "../store.ts";
import type { Item } from "./requests.ts";
import { readStored } from "./stored-json.ts";
import { dueIndex, pipelineKey, type SparseIndex, shardOf, watchedIndex } from "./table.ts";
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
    ...indexKeys(dueIndex, pipeline, indexed.dueAt),
    ...indexKeys(watchedIndex, pipeline, indexed.watchedAt),
  };
}

function indexKeys(index: SparseIndex, pipeline: string, at: number | null): Item {
  if (at === null) return {};
  return { [index.shardKey]: { S: shardOf(index, pipeline) }, [index.instantKey]: { N: String(at) } };
}

export function readState(item: Item | undefined): Loaded {
  if (item === undefined) return { state: emptyState, version: 0, indexed: notIndexed };
  return {
    state: pipelineStateSchema.parse(upgradeState(readStored(item.state?.S ?? "")), { error: describeIssue }),
    version: Number(item.version?.N),
    indexed: { dueAt: instantIn(dueIndex, item), watchedAt: instantIn(watchedIndex, item) },
  };
}

/** Where the index has the item; null if it is not in it. */
function instantIn({ instantKey }: SparseIndex, item: Item): number | null {
  const text = item[instantKey]?.N;
  return text === undefined ? null : Number(text);
}

export function pipelineOf(item: Item): string {
  return (item.pk?.S ?? "").slice("pipeline#".length);
}
