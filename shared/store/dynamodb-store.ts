// Keeps pipelines in one DynamoDB table: an item with a version for each pipeline's state, and one for each past run.
import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type PutItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { wordIssue } from "../core/expectation.ts";
import {
  type EndedRun,
  emptyState,
  type PipelineState,
  pipelineStateSchema,
  type Run,
  runSchema,
  wakeAtOf,
} from "../core/run.ts";
import { pipelineOfRunId } from "../core/run-id.ts";
import type { Requests } from "./requests.ts";
import { rethrow } from "./rethrow.ts";
import type { Due, Loaded, RunPage, Saved, Store } from "./store.ts";
import { dueIndex, dueShardOf, dueShards, expiryAttribute, pipelineKey, runKey } from "./table.ts";

export type DynamodbStoreOptions = {
  requests: Requests;
  tableName: string;
  historyMs: number;
};
type Item = Record<string, AttributeValue>;

/** DynamoDB refuses a sort key of more than 1024 bytes, and no run has an id near that. */
const runIdAtMostBytes = 1_000;

export function createDynamodbStore({ requests, tableName, historyMs }: DynamodbStoreOptions): Store {
  const TableName = tableName;

  const readItem = async (key: Item): Promise<Item | undefined> => {
    const { Item } = await requests.getItem({ TableName, Key: key, ConsistentRead: true }).catch(rethrow);
    return Item;
  };

  const load = async (pipeline: string): Promise<Loaded> => readLoaded(await readItem(pipelineKey(pipeline)));

  const loadMany = async (pipelines: readonly string[]): Promise<Map<string, PipelineState>> => {
    const found = new Map<string, PipelineState>();
    let keys: Item[] = [];
    const rest = [...pipelines];
    while (rest.length > 0 || keys.length > 0) {
      keys.push(...rest.splice(0, 100 - keys.length).map(pipelineKey));
      const { Responses, UnprocessedKeys } = await requests
        .batchGetItem({
          RequestItems: { [TableName]: { Keys: keys } },
        })
        .catch(rethrow);
      for (const item of Responses?.[TableName] ?? []) found.set(pipelineOf(item), readLoaded(item).state);
      keys = UnprocessedKeys?.[TableName]?.Keys ?? [];
    }
    return found;
  };

  /** Whether it is kept: not by someone who is late, and would put it there as it was before it ended. */
  const archive = async (run: EndedRun, version: number): Promise<boolean> => {
    const expiresAt = Math.ceil((run.endedAt + historyMs) / 1000);
    const Item: Item = {
      ...runKey(run.pipeline, run.id),
      run: { S: JSON.stringify(run) },
      version: { N: String(version) },
      [expiryAttribute]: { N: String(expiresAt) },
    };
    const condition = {
      ConditionExpression: "attribute_not_exists(version) OR version <= :version",
      ExpressionAttributeValues: { ":version": { N: String(version) } },
    };
    try {
      await requests.putItem({ TableName, Item, ...condition });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      return rethrow(error);
    }
  };

  const save: Store["save"] = async (pipeline, before, state, replaced): Promise<Saved> => {
    // Put there first, the run is never in neither place. Should the save below fail, the item is put again in time.
    if (replaced !== null && !(await archive(replaced, before.version))) return { kind: "conflict" };
    const version = before.version + 1;
    const saved: Saved = { kind: "saved", loaded: { state, version } };
    // A lost answer makes a won write look like a conflict: the token tells whose write is there.
    const writer = randomUUID();
    const put: PutItemCommandInput = {
      TableName,
      Item: stateItem(pipeline, state, version, writer),
      ...(before.version === 0
        ? { ConditionExpression: "attribute_not_exists(pk)" }
        : {
            ConditionExpression: "version = :version",
            ExpressionAttributeValues: {
              ":version": { N: String(before.version) },
            },
          }),
    };
    try {
      await requests.putItem(put);
      return saved;
    } catch (error) {
      const found = await readItem(pipelineKey(pipeline));
      if (found?.writer?.S === writer) return saved;
      if (error instanceof ConditionalCheckFailedException) return { kind: "conflict" };
      return rethrow(error);
    }
  };

  const listDue = async (until: number): Promise<Due[]> => {
    const shards = Array.from({ length: dueShards }, (_, shard) => queryDue(`due#${shard}`, until));
    return (await Promise.all(shards)).flat().sort((a, b) => a.wakeAt - b.wakeAt);
  };

  const queryDue = async (shard: string, until: number): Promise<Due[]> => {
    const due: Due[] = [];
    let from: Item | undefined;
    do {
      const { Items, LastEvaluatedKey } = await requests
        .query({
          TableName,
          IndexName: dueIndex,
          KeyConditionExpression: "dueShard = :shard AND wakeAt <= :until",
          ExpressionAttributeValues: {
            ":shard": { S: shard },
            ":until": { N: String(until) },
          },
          ExclusiveStartKey: from,
        })
        .catch(rethrow);
      for (const item of Items ?? [])
        due.push({
          pipeline: pipelineOf(item),
          wakeAt: Number(item.wakeAt?.N),
        });
      from = LastEvaluatedKey;
    } while (from !== undefined);
    return due;
  };

  const findRun = async (id: string): Promise<Run | null> => {
    const pipeline = pipelineOfRunId(id);
    if (pipeline === null || Buffer.byteLength(id) > runIdAtMostBytes) return null;
    const { state } = await load(pipeline);
    if (state.run?.id === id) return state.run;
    const item = await readItem(runKey(pipeline, id));
    return item === undefined ? null : readRun(item);
  };

  /** The newest of history up to `lastId` and with it; DynamoDB gives no more than 1 MB at a time. */
  const queryPast = async (pipeline: string, lastId: string, atMost: number): Promise<Run[]> => {
    const { pk, sk } = runKey(pipeline, lastId);
    const past: Run[] = [];
    let from: Item | undefined;
    do {
      const { Items, LastEvaluatedKey } = await requests
        .query({
          TableName,
          KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
          ExpressionAttributeValues: {
            ":pk": pk,
            ":first": { S: "run#" },
            ":last": sk,
          },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: atMost - past.length,
          ExclusiveStartKey: from,
        })
        .catch(rethrow);
      past.push(...(Items ?? []).map(readRun));
      from = LastEvaluatedKey;
    } while (from !== undefined && past.length < atMost);
    return past;
  };

  const listRuns = async (pipeline: string, limit: number, next: string | null): Promise<RunPage> => {
    const latest = next === null ? (await load(pipeline)).state.run : null;
    const first = latest === null ? [] : [latest];
    // An item of the latest run is there already while a new run is about to take its place.
    const known = next ?? latest?.id;
    // The one that is known already, and one more to tell whether there is more.
    const past = await queryPast(pipeline, known ?? "~", limit + 2);
    const runs = [...first, ...past.filter(({ id }) => id !== known)];
    const page = runs.slice(0, limit);
    return {
      runs: page,
      next: runs.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  };

  return { load, loadMany, save, listDue, findRun, listRuns };
}

function stateItem(pipeline: string, state: PipelineState, version: number, writer: string): Item {
  const wakeAt = wakeAtOf(state);
  return {
    ...pipelineKey(pipeline),
    version: { N: String(version) },
    writer: { S: writer },
    state: { S: JSON.stringify(state) },
    // The index is sparse: without these two, the item is not in it.
    ...(wakeAt === null
      ? {}
      : {
          dueShard: { S: dueShardOf(pipeline) },
          wakeAt: { N: String(wakeAt) },
        }),
  };
}

function pipelineOf(item: Item): string {
  return (item.pk?.S ?? "").slice("pipeline#".length);
}

function readLoaded(item: Item | undefined): Loaded {
  if (item === undefined) return { state: emptyState, version: 0 };
  return {
    state: pipelineStateSchema.parse(JSON.parse(item.state?.S ?? ""), { error: wordIssue }),
    version: Number(item.version?.N),
  };
}

function readRun(item: Item): Run {
  return runSchema.parse(JSON.parse(item.run?.S ?? ""), { error: wordIssue });
}
