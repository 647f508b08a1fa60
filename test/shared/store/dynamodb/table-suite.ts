// What the store does with its DynamoDB table, whichever engine holds it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyState } from "../../../../shared/run/state.ts";
import {
  deleteExpired,
  loadHandledUntil,
  saveHandledUntil,
} from "../../../../shared/store/dynamodb/chores.ts";
import { createDynamodbClient } from "../../../../shared/store/dynamodb/client.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { createRequests } from "../../../../shared/store/dynamodb/requests.ts";
import { createDynamodbStore } from "../../../../shared/store/dynamodb/store.ts";
import { writeStored } from "../../../../shared/store/dynamodb/stored-json.ts";
import {
  dueIndex,
  pipelineKey,
  runKey,
  shardOf,
  tableDefinition,
} from "../../../../shared/store/dynamodb/table.ts";
import { notIndexed } from "../../../../shared/store/index-entries.ts";
import { StoreUnavailableError } from "../../../../shared/store/store.ts";
import { endRun, running, t0 } from "../stored-state.ts";
import type { TestEngine } from "./over-http.ts";

const day = 86_400_000;
const tableName = "tagrelay-table";

export function describeTable(
  name: string,
  startEngine: () => Promise<TestEngine>,
  isDynalite: boolean,
): void {
  describe(`the table on ${name}`, () => {
    let engine: TestEngine;

    beforeAll(async () => {
      engine = await startEngine();
      await createTable(engine.requests, tableName);
    });
    afterAll(() => engine.close());

    const createStore = (table = tableName, requests = engine.requests) =>
      createDynamodbStore({ requests, tableName: table, historyMs: 90 * day, clock: () => t0 });

    test("is created once, however often that is requested", async () => {
      await Promise.all([createTable(engine.requests, tableName), createTable(engine.requests, tableName)]);
    });

    // dynalite itself adds no index to a table; the embedded engine does it for it.
    const testUnlessDynalite = isDynalite ? () => undefined : test;
    testUnlessDynalite(
      "gets the index that a table of an earlier version lacks, and its pipelines are still found",
      async () => {
        const { GlobalSecondaryIndexes, AttributeDefinitions, ...rest } = tableDefinition;
        const former = {
          ...rest,
          TableName: "tagrelay-former",
          GlobalSecondaryIndexes: GlobalSecondaryIndexes.filter(
            ({ IndexName }) => IndexName === dueIndex.name,
          ),
          AttributeDefinitions: AttributeDefinitions.filter(
            ({ AttributeName }) => !/^watch/.test(AttributeName),
          ),
        };
        await engine.requests.createTable(former);
        const item = (wakeAt: number) => ({
          ...pipelineKey("old"),
          version: { N: "1" },
          state: { S: writeStored(running("old", wakeAt)) },
          dueShard: { S: shardOf(dueIndex, "old") },
          wakeAt: { N: String(wakeAt) },
        });
        await expect
          .poll(() => engine.requests.describeTable({ TableName: former.TableName }))
          .toMatchObject({ Table: { TableStatus: "ACTIVE" } });
        await engine.requests.putItem({ TableName: former.TableName, Item: item(t0 + 60_000) });
        await createTable(engine.requests, former.TableName);
        const store = createStore(former.TableName);
        expect(await store.listDue(t0 + 60_000)).toEqual([{ pipeline: "old", wakeAt: t0 + 60_000 }]);
        const loaded = await store.load("old");
        expect(loaded.indexed).toEqual({ dueAt: t0 + 60_000, watchedAt: null });
        await store.save("old", loaded, running("old", t0 + 2 * 60_000), null);
        expect(await store.listDue(t0 + 2 * 60_000)).toEqual([{ pipeline: "old", wakeAt: t0 + 2 * 60_000 }]);
        const again = createStore(former.TableName);
        await createTable(engine.requests, former.TableName);
        expect((await again.load("old")).indexed).toEqual({ dueAt: null, watchedAt: t0 + 2 * 60_000 });
      },
    );

    test("loses past runs when they expire, and nothing else", async () => {
      const store = createStore();
      const state = running("expiring", t0);
      const { run } = endRun(state, t0 + 1_500);
      const first = await store.save("expiring", await store.load("expiring"), state, null);
      if (first.kind !== "saved") throw new Error("expected no conflict");
      await store.save("expiring", first.loaded, running("expiring", t0, t0 + day), run);
      const Key = runKey("expiring", run.id);
      const { Item } = await engine.requests.getItem({ TableName: tableName, Key });
      const expiresAt = Number(Item?.expiresAt?.N);
      expect(expiresAt).toBe((t0 + 90 * day) / 1_000 + 2);
      await deleteExpired(engine.requests, tableName, expiresAt * 1_000);
      expect((await store.findRun(run.id))?.id).toBe(run.id);
      await deleteExpired(engine.requests, tableName, (expiresAt + 1) * 1_000);
      expect(await store.findRun(run.id)).toBeNull();
      expect((await store.load("expiring")).version).toBe(2);
    });

    test("keeps the instant up to which schedules were handled", async () => {
      expect(await loadHandledUntil(engine.requests, tableName)).toBeNull();
      await saveHandledUntil(engine.requests, tableName, t0);
      expect(await loadHandledUntil(engine.requests, tableName)).toBe(t0);
    });

    test("is reported as unavailable if the engine is unreachable", async () => {
      const client = createDynamodbClient("http://127.0.0.1:9");
      const unreachable = createStore(tableName, { ...engine.requests, ...createRequests(client) });
      await expect(unreachable.load("chain")).rejects.toThrow(StoreUnavailableError);
      await expect(unreachable.listDue(t0)).rejects.toThrow(StoreUnavailableError);
      const before = { state: emptyState, version: 0, indexed: notIndexed };
      await expect(unreachable.save("chain", before, emptyState, null)).rejects.toThrow(
        StoreUnavailableError,
      );
    });

    test("is reported as unavailable if it does not exist", async () => {
      await expect(createStore("tagrelay-missing").load("chain")).rejects.toThrow(
        "a request to DynamoDB failed (ResourceNotFoundException)",
      );
    });
  });
}
