import fc from "fast-check";
import { expect, test } from "vitest";
import { spareSweeps } from "../../../functions/local/spare-sweeps.ts";
import { emptyState, type PipelineState, type Run } from "../../../shared/core/run.ts";
import { createDynamodbStore } from "../../../shared/store/dynamodb-store.ts";
import { type Due, type Store, StoreUnavailableError } from "../../../shared/store/store.ts";
import { createSimulatedEngine } from "../../simulation/engine.ts";

const t0 = Date.UTC(2026, 10, 20, 3);

function dueAt(pipeline: string, wakeAt: number | null): PipelineState {
  if (wakeAt === null) return emptyState;
  const core = { image: "acme/x:a", attempts: 1, retried: 0, triggeredAt: t0, ticket: null, slot: null };
  const run: Run = {
    ...{ id: `${pipeline}.1`, pipeline, cause: "manual", from: null, pushedStep: null, stalledAt: null },
    ...{ log: [], startedAt: t0, status: "running" },
    steps: [{ ...core, name: "a", state: "building", wakeAt, giveUpAt: null, lookUps: 0 }],
  };
  return { ...emptyState, run };
}

const namesOf = (due: readonly Due[]) => due.map(({ pipeline }) => pipeline);

/** A store that counts how often it is asked for what is due. */
function counting(store: Store): Store & { asked: () => number } {
  let asked = 0;
  const listDue: Store["listDue"] = (now) => {
    asked += 1;
    return store.listDue(now);
  };
  return { ...store, listDue, asked: () => asked };
}

const createStore = () =>
  createDynamodbStore({
    requests: createSimulatedEngine(() => t0),
    tableName: "tagrelay",
    historyMs: 1e9,
  });

const event = fc.oneof(
  fc.record({
    kind: fc.constant("save" as const),
    pipeline: fc.constantFrom("alpha", "beta", "gamma"),
    inMs: fc.option(fc.integer({ min: -5_000, max: 200_000 })),
  }),
  // Mostly on, and now and then the clock is put back.
  fc.record({ kind: fc.constant("later" as const), byMs: fc.integer({ min: -20_000, max: 90_000 }) }),
  fc.record({ kind: fc.constant("sweep" as const) }),
);

test("whoever sweeps finds all that is due when it is, whatever is saved between sweeps", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const store = createStore();
      const spared = spareSweeps(store);
      let now = t0;
      for (const one of events) {
        if (one.kind === "later") now += one.byMs;
        if (one.kind === "save") {
          const wakeAt = one.inMs === null ? null : now + one.inMs;
          await spared.save(one.pipeline, await spared.load(one.pipeline), dueAt(one.pipeline, wakeAt), null);
        }
        expect(await spared.listDue(now)).toEqual(await store.listDue(now));
      }
    }),
    { numRuns: 300 },
  );
});

test("the engine is asked once a minute while nothing is due, and each time while something is", async () => {
  const store = counting(createStore());
  const spared = spareSweeps(store);
  for (let second = 0; second < 600; second += 1)
    expect(await spared.listDue(t0 + second * 1_000)).toEqual([]);
  expect(store.asked()).toBe(10);

  const soon = t0 + 630_000;
  await spared.save("alpha", await spared.load("alpha"), dueAt("alpha", soon), null);
  for (let second = 600; second < 700; second += 1) {
    expect(namesOf(await spared.listDue(t0 + second * 1_000))).toEqual(second < 630 ? [] : ["alpha"]);
  }
  // Once to hear of it, and then from when it is due: nobody sees to it here.
  expect(store.asked()).toBe(10 + 1 + 70);
});

test("an engine that does not answer is asked again at the next sweep", async () => {
  const store = createStore();
  await store.save("alpha", await store.load("alpha"), dueAt("alpha", t0), null);
  let isAway = true;
  const listDue: Store["listDue"] = async (now) => {
    if (isAway) throw new StoreUnavailableError("it is away");
    return store.listDue(now);
  };
  const spared = spareSweeps({ ...store, listDue });
  await expect(spared.listDue(t0)).rejects.toThrow(StoreUnavailableError);
  isAway = false;
  expect(namesOf(await spared.listDue(t0))).toEqual(["alpha"]);
});

test("what is saved while a sweep asks is found when it is due", async () => {
  const store = createStore();
  let write: () => void = () => undefined;
  const save: Store["save"] = async (...saved) => {
    await new Promise<void>((resolve) => {
      write = resolve;
    });
    return store.save(...saved);
  };
  const spared = spareSweeps({ ...store, save });
  const saving = spared.save("alpha", { state: emptyState, version: 0 }, dueAt("alpha", t0 + 5_000), null);
  expect(await spared.listDue(t0)).toEqual([]);
  write();
  await saving;
  expect(namesOf(await spared.listDue(t0 + 5_000))).toEqual(["alpha"]);
});
