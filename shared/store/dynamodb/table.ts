// The table: its keys, and the sparse indexes of pipelines that the sweep has to look at.
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** An item is in a sparse index only if it has both of its keys: a shard and an instant. With several shards, no key is hot. */
export type SparseIndex = { name: string; shardKey: string; instantKey: string; shards: number };

export const dueIndex = { name: "due", shardKey: "dueShard", instantKey: "wakeAt", shards: 8 };
/** Written only a few times in each run. */
export const watchedIndex = { name: "watched", shardKey: "watchShard", instantKey: "watchAt", shards: 2 };
export const indexes: readonly SparseIndex[] = [dueIndex, watchedIndex];

export const expiryAttribute = "expiresAt";

export const tableDefinition = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    ...indexes.flatMap(({ shardKey, instantKey }) => [
      { AttributeName: shardKey, AttributeType: "S" as const },
      { AttributeName: instantKey, AttributeType: "N" as const },
    ]),
  ],
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: indexes.map(({ name, shardKey, instantKey }) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: shardKey, KeyType: "HASH" as const },
      { AttributeName: instantKey, KeyType: "RANGE" as const },
    ],
    Projection: { ProjectionType: "KEYS_ONLY" as const },
  })),
} satisfies Omit<CreateTableCommandInput, "TableName">;

export function shardsOf({ name, shards }: SparseIndex): string[] {
  return Array.from({ length: shards }, (_, shard) => `${name}#${shard}`);
}

export function shardOf({ name, shards }: SparseIndex, pipeline: string): string {
  let hash = 0x811c9dc5;
  for (const character of pipeline) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return `${name}#${(hash >>> 0) % shards}`;
}

export function pipelineKey(pipeline: string) {
  return { pk: { S: `pipeline#${pipeline}` }, sk: { S: "state" } };
}

export function runKey(pipeline: string, runId: string) {
  return { pk: { S: `pipeline#${pipeline}` }, sk: { S: `run#${runId}` } };
}

export function accountKey(account: string) {
  return { pk: { S: `account#${account}` } };
}

export function slotKey(account: string, number: number) {
  return { ...accountKey(account), sk: { S: `slot#${String(number).padStart(4, "0")}` } };
}

/** `since` is a whole number, so the keys sort by instant. */
export function waitKey(account: string, since: number, holder: string) {
  return { ...accountKey(account), sk: { S: `wait#${String(since).padStart(15, "0")}#${holder}` } };
}

/** The instant up to which the local program has handled schedules. */
export const schedulesKey = { pk: { S: "schedules" }, sk: { S: "seenUntil" } };
