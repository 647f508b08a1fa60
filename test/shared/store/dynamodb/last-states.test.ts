import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, startEngine } from "../../../../functions/local/engine/engine.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { createLastStates } from "../../../../shared/store/dynamodb/last-states.ts";
import { createDynamodbStore } from "../../../../shared/store/dynamodb/store.ts";
import { notIndexed } from "../../../../shared/store/index-entries.ts";
import { running, t0 } from "../stored-state.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine(null);
  await createTable(engine.requests, "tagrelay");
});
afterAll(() => engine.close());

const createStore = () =>
  createDynamodbStore({
    requests: engine.requests,
    tableName: "tagrelay",
    historyMs: 1_000,
    clock: () => t0,
  });

test("a state that this process wrote or has read is not parsed again, and one of another process is", async () => {
  const [store, other] = [createStore(), createStore()];
  const saved = await store.save("chain", await store.load("chain"), running("chain", t0 + 1), null);
  if (saved.kind !== "saved") throw new Error("expected no conflict");
  expect((await store.load("chain")).state).toBe(saved.loaded.state);
  const read = await other.load("chain");
  expect(read).toEqual(saved.loaded);
  expect((await other.load("chain")).state).toBe(read.state);
  const next = running("chain", t0 + 2);
  await other.save("chain", read, next, null);
  const again = await store.load("chain");
  expect(again).toMatchObject({ state: next, version: 2 });
  expect(again.state).not.toBe(saved.loaded.state);
});

test("the states that were used longest ago are forgotten, and a large one does not stay", () => {
  const states = createLastStates();
  const loaded = { state: running("any", t0), version: 1, indexed: notIndexed };
  const item = { writer: { S: "w" }, version: { N: "1" } };
  const isKept = (pipeline: string) => states.find(pipeline, item) !== null;
  for (let number = 0; number < 10; number += 1) states.keep(`p-${number}`, "w", 10_000, loaded);
  expect(isKept("p-0")).toBe(true);
  states.keep("p-10", "w", 10_000, loaded);
  expect([isKept("p-0"), isKept("p-1"), isKept("p-2")]).toEqual([true, false, true]);
  states.keep("huge", "w", 100_001, loaded);
  expect([isKept("huge"), isKept("p-0"), isKept("p-10")]).toEqual([false, false, false]);
  expect(states.find("p-0", { writer: { S: "another" }, version: { N: "1" } })).toBeNull();
});
