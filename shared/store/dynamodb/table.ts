// The table: its keys, and the sparse indexes of pipelines that the sweep has to look at.
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

export const dueIndex = "due";
export const watchedIndex = "watched";
export const expiryAttribute = "expiresAt";

export const tableDefinition = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "dueShard", AttributeType: "S" },
    { AttributeName: "wakeAt", AttributeType: "N" },
    { AttributeName: "watchShard", AttributeType: "S" },
    { AttributeName: "watchAt", AttributeType: "N" },
  ],
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: dueIndex,
      KeySchema: [
        { AttributeName: "dueShard", KeyType: "HASH" },
        { AttributeName: "wakeAt", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
    {
      IndexName: watchedIndex,
      KeySchema: [
        { AttributeName: "watchShard", KeyType: "HASH" },
        { AttributeName: "watchAt", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
} as const satisfies Omit<CreateTableCommandInput, "TableName">;

/** Due pipelines are spread over this many keys of the index, so that no key is hot. */
const dueShards = 8;
/** Written only a few times in each run. */
const watchShards = 2;

export const shards = {
  due: Array.from({ length: dueShards }, (_, shard) => `due#${shard}`),
  watched: Array.from({ length: watchShards }, (_, shard) => `watched#${shard}`),
};

export function dueShardOf(pipeline: string): string {
  return `due#${hashOf(pipeline) % dueShards}`;
}

export function watchShardOf(pipeline: string): string {
  return `watched#${hashOf(pipeline) % watchShards}`;
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
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
