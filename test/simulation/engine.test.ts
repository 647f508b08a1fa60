import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, startEngine } from "../../functions/local/engine/engine.ts";
import { makeRunId } from "../../shared/run/run-id.ts";
import { emptyState, type PipelineState, type Run } from "../../shared/run/state.ts";
import { createDynamodbClient } from "../../shared/store/dynamodb/client.ts";
import { createTable } from "../../shared/store/dynamodb/create-table.ts";
import { createRequests, type Requests } from "../../shared/store/dynamodb/requests.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb/slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import { createTableRequests } from "../../shared/store/dynamodb/table-requests.ts";
import type { Slot, Slots } from "../../shared/store/slots.ts";
import type { Store } from "../../shared/store/store.ts";
import { type Dynamodb, startDynamodb } from "../stand-ins/dynamodb.ts";
import { createSimulatedEngine } from "./engine.ts";

let served: Dynamodb;
let embedded: Engine;
let client: DynamoDBClient;
let tables = 0;
beforeAll(async () => {
  served = await startDynamodb(null);
  client = createDynamodbClient(served.endpoint);
  embedded = await startEngine(null);
});
afterAll(async () => {
  client.destroy();
  await served.close();
  await embedded.close();
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
    retriesUsed: 0,
    triggeredAt: t0,
    digestBefore: null,
    pushed: null,
    build: null,
    slot: null,
  } as const;
  const steps = [{ ...core, state: "building" as const, wakeAt: t0 + wakeAt, giveUpAt: 1e15, lookUps: 0 }];
  const id = makeRunId(pipeline, t0 + number, 0.5);
  const start = {
    cause: "manual" as const,
    from: null,
    pushedStep: null,
    because: null,
    onlyStale: false,
    promotion: null,
    stalledAt: null,
    log: [],
    startedAt: t0,
  };
  return { id, pipeline, ...start, status: "running", steps };
}

/** Performs the operations on a store and returns all of its answers. */
async function play(store: Store, operations: readonly Operation[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  const stale = new Map(
    await Promise.all(pipelines.map(async (name) => [name, await store.load(name)] as const)),
  );
  let runs = 0;
  for (const { kind, pipeline, wakeAt } of operations) {
    const loaded = await store.load(pipeline);
    const state: PipelineState = { ...emptyState, run: runOf(pipeline, runs, wakeAt) };
    switch (kind) {
      case "save":
        answers.push((await store.save(pipeline, loaded, state, null)).kind);
        break;
      case "saveStale":
        answers.push((await store.save(pipeline, stale.get(pipeline) ?? loaded, state, null)).kind);
        break;
      case "replace": {
        const { run } = loaded.state;
        runs += 1;
        const next = { ...emptyState, run: runOf(pipeline, runs, wakeAt) };
        const replaced = run === null ? null : { ...run, status: "cancelled" as const, endedAt: t0 };
        answers.push((await store.save(pipeline, loaded, next, replaced)).kind);
        break;
      }
      case "due":
        answers.push((await store.listDue(t0 + wakeAt)).map(({ pipeline }) => pipeline).sort());
        break;
      case "load":
        answers.push(loaded);
        break;
      case "loadMany":
        answers.push([...(await store.loadMany(pipelines))].sort());
        break;
      case "runs":
        answers.push(await store.listRuns(pipeline, 1 + wakeAt, null));
        break;
      case "find":
        answers.push(await store.findRun(makeRunId(pipeline, t0 + wakeAt, 0.5)));
        break;
    }
  }
  return answers;
}

const slotOperation = fc.record({
  kind: fc.constantFrom("acquire", "acquire", "acquire", "release", "releaseIfUnchanged", "wait"),
  step: fc.constantFrom("a", "b", "c", "d"),
  since: fc.nat(3),
  maxParallel: fc.constantFrom(1, 2, 2, 3),
});

type SlotOperation = typeof slotOperation extends fc.Arbitrary<infer T> ? T : never;

async function playSlots(
  slots: Slots,
  operations: readonly SlotOperation[],
  pass: (ms: number) => void,
): Promise<unknown[]> {
  const answers: unknown[] = [];
  let seen: Slot[] = [];
  for (const { kind, step, since, maxParallel } of operations) {
    const holder = { pipeline: "alpha", runId: "alpha.1", step, since: t0 + since };
    switch (kind) {
      case "acquire": {
        const acquired = await slots.acquire({ name: "acme", maxParallel }, holder);
        if (acquired.kind === "full") seen = acquired.slots;
        answers.push(acquired.kind, acquired.kind === "full" ? acquired.slots : null);
        break;
      }
      case "release":
        answers.push(await slots.release("acme", holder));
        break;
      case "releaseIfUnchanged":
        for (const slot of seen.slice(0, 1)) answers.push(await slots.releaseIfUnchanged("acme", slot));
        break;
      case "wait":
        pass(since * 150_000);
        break;
    }
  }
  return answers;
}

test("the simulated engine answers the store like a real engine", async () => {
  await compare(operation, async (requests, operations, tableName) => {
    const store = createDynamodbStore({ requests, tableName, historyMs: 1_000_000_000_000, clock: () => t0 });
    return play(store, operations);
  });
}, 60_000);

test("the simulated engine answers the slots like a real engine", async () => {
  await compare(slotOperation, async (requests, operations, tableName) => {
    let now = t0;
    const slots = createDynamodbSlots({ requests, tableName, clock: () => now });
    const answers = await playSlots(slots, operations, (ms) => {
      now += ms;
    });
    const left = await requests.query({
      TableName: tableName,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
      ExpressionAttributeValues: {
        ":pk": { S: "account#acme" },
        ":first": { S: "slot#" },
        ":last": { S: "wait#~" },
      },
    });
    return [answers, left.Items];
  });
}, 60_000);

/** Checks that all engines give the same answers to the same operations. */
async function compare<T>(
  operations: fc.Arbitrary<T>,
  playOn: (requests: Requests, operations: readonly T[], tableName: string) => Promise<unknown[]>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(operations, { minLength: 5, maxLength: 40 }), async (played) => {
      tables += 1;
      const tableName = `table-${tables}`;
      await createTable(createTableRequests(client), tableName);
      await createTable(embedded.requests, tableName);
      const real = await playOn(createRequests(client), played, tableName);
      expect(await playOn(embedded.requests, played, tableName)).toEqual(real);
      const simulated = await playOn(
        createSimulatedEngine(() => t0),
        played,
        tableName,
      );
      expect(simulated).toEqual(real);
    }),
    { numRuns: 20 },
  );
}
