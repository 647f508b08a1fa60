// The item that holds a pipeline's state.
import { emptyState, type PipelineState, pipelineStateSchema, wakeAtOf } from "../../run/state.ts";
import { describeIssue } from "../../validation/expectation.ts";
import type { Loaded } from "../store.ts";
import type { Item } from "./requests.ts";
import { readStored, writeStored } from "./stored-json.ts";
import { dueShardOf, pipelineKey } from "./table.ts";
import { upgradeState } from "./upgrade.ts";

export function stateItem(pipeline: string, state: PipelineState, version: number, writer: string): Item {
  const wakeAt = wakeAtOf(state);
  return {
    ...pipelineKey(pipeline),
    version: { N: String(version) },
    writer: { S: writer },
    state: { S: writeStored(state) },
    // The index is sparse: without these two attributes, the item is not in it.
    ...(wakeAt === null ? {} : { dueShard: { S: dueShardOf(pipeline) }, wakeAt: { N: String(wakeAt) } }),
  };
}

export function readState(item: Item | undefined): Loaded {
  if (item === undefined) return { state: emptyState, version: 0 };
  return {
    state: pipelineStateSchema.parse(upgradeState(readStored(item.state?.S ?? "")), { error: describeIssue }),
    version: Number(item.version?.N),
  };
}

export function pipelineOf(item: Item): string {
  return (item.pk?.S ?? "").slice("pipeline#".length);
}
