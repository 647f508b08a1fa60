import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, startEngine } from "../../../../functions/local/engine/engine.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { createLastStates } from "../../../../shared/store/dynamodb/last-states.ts";
import { createDynamodbStore, type DynamodbStoreOptions } from "../../../../shared/store/dynamodb/store.ts";
import type { TableRequests } from "../../../../shared/store/dynamodb/table-requests.ts";
import { notIndexed } from "../../../../shared/store/index-entries.ts";
import type { Loaded, Store } from "../../../../shared/store/store.ts";
import { running, t0 } from "../stored-state.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine(null);
  await createTable(engine.requests, "tagrelay");
});
afterAll(() => engine.close());

const createStore = (options: Partial<DynamodbStoreOptions> = {}) =>
  createDynamodbStore({
    requests: engine.requests,
    tableName: "tagrelay",
    historyMs: 1_000,
    clock: () => t0,
    ...options,
  });

async function save(store: Store, pipeline: string, instant: number): Promise<Loaded> {
  const saved = await store.save(pipeline, await store.load(pipeline), running(pipeline, instant), null);
  if (saved.kind !== "saved") throw new Error("expected no conflict");
  return saved.loaded;
}

test("a state that this process wrote or has read is not parsed again, and one of another process is", async () => {
  const [store, other] = [createStore(), createStore()];
  const saved = await save(store, "chain", t0 + 1);
  expect((await store.load("chain")).state).toBe(saved.state);
  const read = await other.load("chain");
  expect(read).toEqual(saved);
  expect((await other.load("chain")).state).toBe(read.state);
  const next = running("chain", t0 + 2);
  await other.save("chain", read, next, null);
  const again = await store.load("chain");
  expect(again).toMatchObject({ state: next, version: 2 });
  expect(again.state).not.toBe(saved.state);
});

describe("a store that nobody else writes to", () => {
  /** Counts the reads, and can delay them or lose the answers of writes. */
  const watched = () => {
    const watch = { reads: 0, whileReading: async () => {}, losesAnswers: false, reopenings: 0 };
    const requests: TableRequests = {
      ...engine.requests,
      getItem: async (input) => {
        watch.reads += 1;
        const answer = await engine.requests.getItem(input);
        await watch.whileReading();
        return answer;
      },
      putItem: async (input) => {
        const answer = await engine.requests.putItem(input);
        if (watch.losesAnswers) throw new Error("the answer is lost");
        return answer;
      },
    };
    return { watch, store: createStore({ requests, embedded: { reopenings: () => watch.reopenings } }) };
  };

  test("reads a state once, and not what it wrote itself", async () => {
    const { watch, store } = watched();
    const saved = await save(store, "alone", t0 + 1);
    expect(watch.reads).toBe(1);
    expect(await store.load("alone")).toBe(saved);
    const next = await save(store, "alone", t0 + 2);
    expect(await store.load("alone")).toBe(next);
    expect(watch.reads).toBe(1);
  });

  test("does not take an older state for the last one because its read ended later", async () => {
    const { watch, store } = watched();
    const first = await save(store, "slow-read", t0 + 1);
    const { watch: slow, store: reopened } = watched();
    let next = first;
    slow.whileReading = async () => {
      slow.whileReading = async () => {};
      next = await save(reopened, "slow-read", t0 + 2);
    };
    expect(await reopened.load("slow-read")).toEqual(first);
    expect(await reopened.load("slow-read")).toBe(next);
    expect(watch.reads).toBe(1);
  });

  test("knows a state that it read while another pipeline was saved", async () => {
    const first = await save(createStore(), "read-beside", t0 + 1);
    const { watch, store } = watched();
    watch.whileReading = async () => {
      watch.whileReading = async () => {};
      await save(store, "saved-beside", t0 + 2);
    };
    expect(await store.load("read-beside")).toEqual(first);
    const { reads } = watch;
    expect(await store.load("read-beside")).toEqual(first);
    expect(watch.reads).toBe(reads);
  });

  test("reads again once the engine was closed and opened, because another process may have written", async () => {
    const { watch, store } = watched();
    const saved = await save(store, "reopened", t0 + 1);
    const other = createStore();
    await save(other, "reopened", t0 + 2);
    expect(await store.load("reopened")).toBe(saved);
    watch.reopenings += 1;
    expect(await store.load("reopened")).toMatchObject({ version: 2, state: running("reopened", t0 + 2) });
  });

  test("reads again after a conflict, and after a write whose answer was lost", async () => {
    const { watch, store } = watched();
    const first = await save(store, "unsure", t0 + 1);
    await save(store, "unsure", t0 + 2);
    expect(await store.save("unsure", first, running("unsure", t0 + 3), null)).toEqual({ kind: "conflict" });
    expect(await store.load("unsure")).toMatchObject({ version: 2 });
    watch.losesAnswers = true;
    await save(store, "unsure", t0 + 4);
    expect(await store.load("unsure")).toMatchObject({ version: 3, state: running("unsure", t0 + 4) });
  });
});

test("the states that were used longest ago are forgotten, and a large one does not stay", () => {
  const states = createLastStates();
  const loaded = { state: running("any", t0), version: 1, indexed: notIndexed };
  const item = { writer: { S: "w" }, version: { N: "1" } };
  const isKept = (pipeline: string) => states.find(pipeline, item) !== null;
  for (let number = 0; number < 10; number += 1) states.keep(`p-${number}`, "w", 50_000, loaded);
  expect(isKept("p-0")).toBe(true);
  states.keep("p-10", "w", 50_000, loaded);
  expect([isKept("p-0"), isKept("p-1"), isKept("p-2")]).toEqual([true, false, true]);
  states.keep("huge", "w", 500_001, loaded);
  expect([isKept("huge"), isKept("p-0"), isKept("p-10")]).toEqual([false, false, false]);
  expect(states.find("p-0", { writer: { S: "another" }, version: { N: "1" } })).toBeNull();
});
