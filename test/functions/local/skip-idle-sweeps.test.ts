import fc from "fast-check";
import { expect, test } from "vitest";
import { skipIdleSweeps } from "../../../functions/local/skip-idle-sweeps.ts";
import { emptyState, type PipelineState, type Run } from "../../../shared/run/state.ts";
import { createDynamodbStore } from "../../../shared/store/dynamodb/store.ts";
import { notIndexed } from "../../../shared/store/index-entries.ts";
import { type Due, type Store, StoreUnavailableError } from "../../../shared/store/store.ts";
import { createSimulatedEngine } from "../../simulation/engine.ts";

const t0 = Date.UTC(2026, 10, 20, 3);

function dueAt(pipeline: string, wakeAt: number | null): PipelineState {
  if (wakeAt === null) return emptyState;
  const trigger = { attempts: 1, retriesUsed: 0, triggeredAt: t0, digestBefore: null, pushed: null };
  const core = { ...trigger, image: "acme/x:a", build: null, slot: null };
  const run: Run = {
    ...{
      id: `${pipeline}.1`,
      pipeline,
      cause: "manual",
      from: null,
      pushedStep: null,
      because: null,
      onlyStale: false,
      promotion: null,
      stalledAt: null,
    },
    log: [],
    startedAt: t0,
    status: "running",
    steps: [{ ...core, name: "a", state: "building", wakeAt, giveUpAt: 1e15, lookUps: 0 }],
  };
  return { ...emptyState, run };
}

const namesOf = (due: readonly Due[]) => due.map(({ pipeline }) => pipeline);

/** Counts the queries for what is due. */
function counting(store: Store): Store & { queries: () => number } {
  let queries = 0;
  const listDue: Store["listDue"] = (now) => {
    queries += 1;
    return store.listDue(now);
  };
  return { ...store, listDue, queries: () => queries };
}

const createStore = () =>
  createDynamodbStore({
    requests: createSimulatedEngine(() => t0),
    tableName: "tagrelay",
    historyMs: 1e9,
    clock: () => t0,
  });

const event = fc.oneof(
  fc.record({
    kind: fc.constant("save" as const),
    pipeline: fc.constantFrom("alpha", "beta", "gamma"),
    inMs: fc.option(fc.integer({ min: -5_000, max: 200_000 })),
  }),
  // Mostly forwards; now and then, the clock is set back.
  fc.record({ kind: fc.constant("later" as const), byMs: fc.integer({ min: -20_000, max: 90_000 }) }),
  fc.record({ kind: fc.constant("sweep" as const) }),
);

test("a sweep finds everything that is due, whatever is saved between sweeps", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const store = createStore();
      const skipping = skipIdleSweeps(store);
      let now = t0;
      for (const one of events) {
        if (one.kind === "later") now += one.byMs;
        if (one.kind === "save") {
          const wakeAt = one.inMs === null ? null : now + one.inMs;
          await skipping.save(
            one.pipeline,
            await skipping.load(one.pipeline),
            dueAt(one.pipeline, wakeAt),
            null,
          );
        }
        expect(await skipping.listDue(now)).toEqual(await store.listDue(now));
      }
    }),
    { numRuns: 300 },
  );
});

test("the engine gets a query once a minute while nothing is due, and for every sweep while something is", async () => {
  const store = counting(createStore());
  const skipping = skipIdleSweeps(store);
  for (let second = 0; second < 600; second += 1)
    expect(await skipping.listDue(t0 + second * 1_000)).toEqual([]);
  expect(store.queries()).toBe(10);

  const soon = t0 + 630_000;
  await skipping.save("alpha", await skipping.load("alpha"), dueAt("alpha", soon), null);
  for (let second = 600; second < 700; second += 1) {
    expect(namesOf(await skipping.listDue(t0 + second * 1_000))).toEqual(second < 630 ? [] : ["alpha"]);
  }
  // Once after the save, and then for every sweep from when it is due, because nothing handles it here.
  expect(store.queries()).toBe(10 + 1 + 70);
});

test("after an engine was unreachable, the next sweep queries it again", async () => {
  const store = createStore();
  await store.save("alpha", await store.load("alpha"), dueAt("alpha", t0), null);
  let isUnreachable = true;
  const listDue: Store["listDue"] = async (now) => {
    if (isUnreachable) throw new StoreUnavailableError("unreachable");
    return store.listDue(now);
  };
  const skipping = skipIdleSweeps({ ...store, listDue });
  await expect(skipping.listDue(t0)).rejects.toThrow(StoreUnavailableError);
  isUnreachable = false;
  expect(namesOf(await skipping.listDue(t0))).toEqual(["alpha"]);
});

test("what is saved during a sweep is found when it is due", async () => {
  const store = createStore();
  let write: () => void = () => undefined;
  const save: Store["save"] = async (...saved) => {
    await new Promise<void>((resolve) => {
      write = resolve;
    });
    return store.save(...saved);
  };
  const skipping = skipIdleSweeps({ ...store, save });
  const saving = skipping.save(
    "alpha",
    { state: emptyState, version: 0, indexed: notIndexed },
    dueAt("alpha", t0 + 5_000),
    null,
  );
  expect(await skipping.listDue(t0)).toEqual([]);
  write();
  await saving;
  expect(namesOf(await skipping.listDue(t0 + 5_000))).toEqual(["alpha"]);
});
