import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, startEngine } from "../../functions/local/engine.ts";
import { emptyState, type PipelineState, type Run } from "../../shared/core/run.ts";
import { makeRunId } from "../../shared/core/run-id.ts";
import { createTable } from "../../shared/store/create-table.ts";
import { createDynamodbClient } from "../../shared/store/dynamodb-client.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb-store.ts";
import { createRequests } from "../../shared/store/requests.ts";
import type { Store } from "../../shared/store/store.ts";
import { createSimulatedEngine } from "./engine.ts";

let engine: Engine;
let client: DynamoDBClient;
beforeAll(async () => {
  engine = await startEngine(null);
  client = createDynamodbClient(engine.endpoint);
});
afterAll(async () => {
  client.destroy();
  await engine.close();
});

const t0 = Date.UTC(2026, 10, 20, 3);
const pipelines = ["alpha", "beta"] as const;
const operation = fc.record({
  kind: fc.constantFrom("save", "saveStale", "replace", "due", "load", "loadMany", "runs", "find"),
  pipeline: fc.constantFrom(...pipelines),
  wakeAt: fc.nat(5),
});

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function runOf(pipeline: string, number: number, wakeAt: number): Run {
  const core = {
    name: "a",
    image: "acme/x:a",
    attempts: 1,
    retried: 0,
    triggeredAt: t0,
    ticket: null,
    slot: null,
  } as const;
  const steps = [{ ...core, state: "building" as const, wakeAt: t0 + wakeAt, giveUpAt: null, lookUps: 0 }];
  const id = makeRunId(pipeline, t0 + number, 0.5);
  const start = {
    cause: "manual" as const,
    from: null,
    pushedStep: null,
    stalledAt: null,
    log: [],
    startedAt: t0,
  };
  return { id, pipeline, ...start, status: "running", steps };
}

/** Does the same to a store, whichever engine it is on, and tells all that it answers. */
async function play(store: Store, operations: readonly Operation[]): Promise<unknown[]> {
  const told: unknown[] = [];
  const stale = new Map(
    await Promise.all(pipelines.map(async (name) => [name, await store.load(name)] as const)),
  );
  let runs = 0;
  for (const { kind, pipeline, wakeAt } of operations) {
    const loaded = await store.load(pipeline);
    const state: PipelineState = { ...emptyState, run: runOf(pipeline, runs, wakeAt) };
    switch (kind) {
      case "save":
        told.push((await store.save(pipeline, loaded, state, null)).kind);
        break;
      case "saveStale":
        told.push((await store.save(pipeline, stale.get(pipeline) ?? loaded, state, null)).kind);
        break;
      case "replace": {
        const { run } = loaded.state;
        runs += 1;
        const next = { ...emptyState, run: runOf(pipeline, runs, wakeAt) };
        const replaced = run === null ? null : { ...run, status: "cancelled" as const, endedAt: t0 };
        told.push((await store.save(pipeline, loaded, next, replaced)).kind);
        break;
      }
      case "due":
        told.push((await store.listDue(t0 + wakeAt)).sort());
        break;
      case "load":
        told.push(loaded);
        break;
      case "loadMany":
        told.push([...(await store.loadMany(pipelines))].sort());
        break;
      case "runs":
        told.push(await store.listRuns(pipeline, 1 + wakeAt, null));
        break;
      case "find":
        told.push(await store.findRun(makeRunId(pipeline, t0 + wakeAt, 0.5)));
        break;
    }
  }
  return told;
}

test("the simulated engine answers the store as a real engine does", async () => {
  let tables = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 40 }), async (operations) => {
      tables += 1;
      const tableName = `table-${tables}`;
      await createTable(client, tableName);
      const options = { tableName, historyMs: 1_000_000_000_000 };
      const real = createDynamodbStore({ requests: createRequests(client), ...options });
      const simulated = createDynamodbStore({ requests: createSimulatedEngine(() => t0), ...options });
      expect(await play(simulated, operations)).toEqual(await play(real, operations));
    }),
    { numRuns: 30 },
  );
}, 60_000);
