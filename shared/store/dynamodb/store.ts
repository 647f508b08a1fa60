// Keeps pipelines in one DynamoDB table: an item with a version for each pipeline's state, and an item for each past run.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import { pipelineOfRunId } from "../../run/run-id.ts";
import type { PipelineState } from "../../run/state.ts";
import { indexEntriesOf } from "../index-entries.ts";
import { type Due, type Loaded, type Saved, type Store, StoreUnavailableError } from "../store.ts";
import { type Fitted, fitState } from "./fit.ts";
import { archive, findPastRun, listRuns } from "./history.ts";
import { isException } from "./is-exception.ts";
import { createLastStates, type LastStates } from "./last-states.ts";
import { queryPages, readItem } from "./read-items.ts";
import type { Key, Table } from "./requests.ts";
import { rethrow } from "./rethrow.ts";
import { pipelineOf, readState, stateItem } from "./state-item.ts";
import { indexes, pipelineKey, type SparseIndex, shardsOf } from "./table.ts";

/** An engine within this process. */
export type Embedded = {
  /** Grows each time the engine has given up the lock on its folder for a while, so that another process may have written. */
  reopenings: () => number;
};

export type DynamodbStoreOptions = Table & {
  historyMs: number;
  clock: () => number;
  /**
   * Set if the engine runs in this process, and this is its only store. Then nobody else writes to the table, so a known state is
   * not read again, unless the engine was closed for a while; and the size of a write costs nothing, so small states are not
   * compressed.
   */
  embedded?: Embedded | null;
};

/** DynamoDB refuses sort keys of more than 1024 bytes; run ids are much shorter. */
const maxRunIdBytes = 1_000;
/** The most that DynamoDB accepts in one BatchGetItem. */
const maxBatchKeys = 100;
/** Gives up when more batches than these in a row read nothing: after some three seconds. */
const maxEmptyRounds = 5;
const firstPauseMs = 50;

export function createDynamodbStore(options: DynamodbStoreOptions): Store {
  const { requests, tableName, historyMs, clock, embedded = null } = options;
  const table: Table = { requests, tableName };
  const lastStates = createLastStates();
  const load = async (pipeline: string): Promise<Loaded> => {
    const last = embedded === null ? null : lastStates.last(pipeline, embedded.reopenings());
    if (last !== null) return last;
    const changes = lastStates.changesOf(pipeline);
    const item = await readItem(table, pipelineKey(pipeline));
    const known = item === undefined ? null : lastStates.find(pipeline, item);
    if (known !== null) return known;
    const loaded = readState(item);
    const { writer, state } = item ?? {};
    // A write that ended in the meantime is newer than what was read.
    if (writer?.S !== undefined && state?.S !== undefined && lastStates.changesOf(pipeline) === changes) {
      lastStates.keep(pipeline, writer.S, state.S.length, loaded);
    }
    return loaded;
  };
  return {
    load,
    loadMany: (pipelines) => loadMany(table, pipelines),
    save: async (pipeline, before, state, replacedRun) => {
      // Archive before replacing the state: a crash in between leaves a duplicate, never a loss.
      const isArchived =
        replacedRun === null || (await archive(table, replacedRun, before.version, historyMs));
      if (!isArchived) return { kind: "conflict" };
      return save(table, lastStates, pipeline, before, fitState(state, embedded !== null), clock());
    },
    listDue: (until) => listDue(table, until),
    findRun: async (id) => {
      const pipeline = pipelineOfRunId(id);
      if (pipeline === null || Buffer.byteLength(id) > maxRunIdBytes) return null;
      const { run } = (await load(pipeline)).state;
      return run?.id === id ? run : findPastRun(table, pipeline, id);
    },
    listRuns: async (pipeline, limit, next) => {
      const latest = next === null ? (await load(pipeline)).state.run : null;
      return listRuns(table, pipeline, { latest, limit, next });
    },
  };
}

async function loadMany(
  { requests, tableName }: Table,
  pipelines: readonly string[],
): Promise<Map<string, PipelineState>> {
  const found = new Map<string, PipelineState>();
  let keys: Key[] = [];
  let emptyRounds = 0;
  const rest = [...pipelines];
  while (rest.length > 0 || keys.length > 0) {
    // DynamoDB leaves keys unprocessed when it throttles reads, so wait before asking again.
    if (keys.length > 0) await sleep(Math.random() * firstPauseMs * 2 ** emptyRounds);
    keys.push(...rest.splice(0, maxBatchKeys - keys.length).map(pipelineKey));
    const { Responses, UnprocessedKeys } = await requests
      .batchGetItem({ RequestItems: { [tableName]: { Keys: keys } } })
      .catch(rethrow);
    const items = Responses?.[tableName] ?? [];
    for (const item of items) found.set(pipelineOf(item), readState(item).state);
    const asked = keys.length;
    keys = UnprocessedKeys?.[tableName]?.Keys ?? [];
    emptyRounds = keys.length < asked ? 0 : emptyRounds + 1;
    if (emptyRounds > maxEmptyRounds)
      throw new StoreUnavailableError(`DynamoDB read none of ${asked} states, ${emptyRounds} times in a row`);
  }
  return found;
}

async function save(
  table: Table,
  lastStates: LastStates,
  pipeline: string,
  before: Loaded,
  { value: state, text }: Fitted<PipelineState>,
  now: number,
): Promise<Saved> {
  const loaded = { state, version: before.version + 1, indexed: indexEntriesOf(state, before.indexed, now) };
  const saved: Saved = { kind: "saved", loaded };
  // If the answer to a successful write is lost, the retried write fails its condition. This token shows whose write it was.
  const writer = randomUUID();
  const put: PutItemCommandInput = {
    TableName: table.tableName,
    Item: stateItem(pipeline, loaded, text, writer),
    ...(before.version === 0
      ? { ConditionExpression: "attribute_not_exists(pk)" }
      : {
          ConditionExpression: "version = :version",
          ExpressionAttributeValues: { ":version": { N: String(before.version) } },
        }),
  };
  try {
    await table.requests.putItem(put);
    lastStates.keep(pipeline, writer, text.length, loaded);
    return saved;
  } catch (error) {
    // The write may have succeeded although its answer was lost.
    lastStates.forget(pipeline);
    const found = await readItem(table, pipelineKey(pipeline));
    if (found?.writer?.S === writer) return saved;
    if (isException(error, "ConditionalCheckFailedException")) return { kind: "conflict" };
    return rethrow(error);
  }
}

async function listDue(table: Table, until: number): Promise<Due[]> {
  const found = await Promise.all(
    indexes.flatMap((index) => shardsOf(index).map((shard) => queryIndex(table, index, shard, until))),
  );
  const sorted = found.flat().sort((a, b) => a.wakeAt - b.wakeAt);
  const listed = new Set<string>();
  // A pipeline may be in both indexes.
  return sorted.filter(({ pipeline }) => !listed.has(pipeline) && listed.add(pipeline));
}

async function queryIndex(
  table: Table,
  { name, shardKey, instantKey }: SparseIndex,
  shard: string,
  until: number,
): Promise<Due[]> {
  const due: Due[] = [];
  const pages = queryPages(table, {
    IndexName: name,
    KeyConditionExpression: `${shardKey} = :shard AND ${instantKey} <= :until`,
    ExpressionAttributeValues: { ":shard": { S: shard }, ":until": { N: String(until) } },
  });
  for await (const items of pages) {
    due.push(...items.map((item) => ({ pipeline: pipelineOf(item), wakeAt: Number(item[instantKey]?.N) })));
  }
  return due;
}
