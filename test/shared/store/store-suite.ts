// What the store promises, for whichever engine stands behind it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EndedRun, emptyState, type PipelineState, type Run } from "../../../shared/core/run.ts";
import { makeRunId } from "../../../shared/core/run-id.ts";
import { createTable } from "../../../shared/store/create-table.ts";
import { createDynamodbClient } from "../../../shared/store/dynamodb-client.ts";
import { createDynamodbStore } from "../../../shared/store/dynamodb-store.ts";
import { deleteExpired, loadSeenUntil, saveSeenUntil } from "../../../shared/store/local-chores.ts";
import { createRequests } from "../../../shared/store/requests.ts";
import { type Due, type Loaded, type Store, StoreUnavailableError } from "../../../shared/store/store.ts";
import { runKey } from "../../../shared/store/table.ts";
import type { Asked } from "./over-http.ts";

const t0 = Date.UTC(2026, 10, 20, 3);
const day = 86_400_000;
const namesOf = (due: readonly Due[]) => due.map(({ pipeline }) => pipeline);
const tableName = "tagrelay-store";

function running(pipeline: string, wakeAt: number, startedAt = t0): PipelineState {
  const core = {
    image: "acme/x:a",
    attempts: 1,
    retried: 0,
    triggeredAt: startedAt,
    ticket: null,
    slot: null,
  } as const;
  const run: Run = {
    ...{
      id: makeRunId(pipeline, startedAt, 0.5),
      pipeline,
      cause: "manual",
      from: null,
      pushedStep: null,
      stalledAt: null,
      log: [],
      startedAt,
    },
    status: "running",
    steps: [
      { ...core, name: "a", state: "building", wakeAt, giveUpAt: wakeAt, lookUps: 0 },
      { ...core, name: "b", state: "waiting", attempts: 0, triggeredAt: null },
    ],
  };
  return { ...emptyState, run };
}

function ended({ run }: PipelineState, endedAt: number): { state: PipelineState; run: EndedRun } {
  if (run === null) throw new Error("expected a run");
  const over: EndedRun = { ...run, status: "cancelled", endedAt, steps: [] };
  return { state: { ...emptyState, run: over }, run: over };
}

export function describeStore(name: string, startEngine: () => Promise<Asked>): void {
  describe(`the store on ${name}`, () => {
    let engine: Asked;
    let store: Store;

    beforeAll(async () => {
      engine = await startEngine();
      await createTable(engine.requests, tableName);
      store = createDynamodbStore({ requests: engine.requests, tableName, historyMs: 90 * day });
    });
    afterAll(() => engine.close());

    const save = async (
      pipeline: string,
      before: Loaded,
      state: PipelineState,
      replaced: EndedRun | null = null,
    ) => {
      const saved = await store.save(pipeline, before, state, replaced);
      if (saved.kind !== "saved") throw new Error("expected no conflict");
      return saved.loaded;
    };

    test("makes its table once, however often it is asked to", async () => {
      await Promise.all([createTable(engine.requests, tableName), createTable(engine.requests, tableName)]);
    });

    test("knows nothing of a pipeline that was never saved", async () => {
      expect(await store.load("new")).toEqual({ state: emptyState, version: 0 });
    });

    test.each(["chain", "__proto__", "constructor", "x".repeat(64), "a.b-c_d"])(
      "gives back what was saved: %s",
      async (pipeline) => {
        const state: PipelineState = {
          ...running(pipeline, t0 + 1),
          completions: [{ step: "__proto__", at: t0, pushedAt: 1.5, hubAt: t0 }],
          scheduledFor: t0,
        };
        await save(pipeline, await store.load(pipeline), state);
        expect(await store.load(pipeline)).toEqual({ state, version: 1 });
        expect((await store.loadMany([pipeline, "new"])).get(pipeline)).toEqual(state);
      },
    );

    test("lets one of many savers win, and tells the others", async () => {
      const before = await save("raced", await store.load("raced"), running("raced", t0));
      const saves = Array.from({ length: 20 }, (_, index) =>
        store.save("raced", before, running("raced", t0 + index), null),
      );
      const kinds = (await Promise.all(saves)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === "saved")).toHaveLength(1);
      expect((await store.load("raced")).version).toBe(2);
    });

    test("lets one of many first savers win", async () => {
      const before = await store.load("first");
      const saves = Array.from({ length: 20 }, () => store.save("first", before, running("first", t0), null));
      const kinds = (await Promise.all(saves)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === "saved")).toHaveLength(1);
    });

    test("lists what is due, the longest overdue first, and nothing else", async () => {
      const later = t0 + 10 * day;
      await save("due-2", await store.load("due-2"), running("due-2", later + 2));
      await save("due-1", await store.load("due-1"), running("due-1", later + 1));
      await save("due-3", await store.load("due-3"), running("due-3", later + 3));
      const over = running("due-over", later);
      await save(
        "due-over",
        await save("due-over", await store.load("due-over"), over),
        ended(over, later).state,
      );
      const due = (now: number) =>
        store.listDue(now).then((found) => namesOf(found).filter((name) => name.startsWith("due-")));
      expect(await due(later)).toEqual([]);
      expect(await due(later + 2)).toEqual(["due-1", "due-2"]);
      expect(await due(later + 3)).toEqual(["due-1", "due-2", "due-3"]);
    });

    test("lists hundreds of due pipelines", async () => {
      const names = Array.from({ length: 300 }, (_, index) => `many-${index}`);
      for (const pipeline of names)
        await save(pipeline, { state: emptyState, version: 0 }, running(pipeline, t0));
      const due = namesOf(await store.listDue(t0));
      expect(due.filter((found) => found.startsWith("many-")).sort()).toEqual(names.sort());
      expect((await store.loadMany(names)).size).toBe(300);
    });

    test("keeps past runs as history, newest first, in pages without gap or repeat", async () => {
      let loaded = await store.load("history");
      const ids: string[] = [];
      for (let index = 0; index < 25; index += 1) {
        const state = running("history", t0 + index, t0 + index * 1_000);
        const last = loaded.state.run;
        const replaced = last === null || last.status === "running" ? null : last;
        loaded = await save("history", loaded, state, replaced);
        loaded = await save("history", loaded, ended(state, t0 + index * 1_000 + 500).state);
        ids.unshift(state.run?.id ?? "");
      }
      for (const limit of [1, 3, 24, 25, 26]) {
        const seen: string[] = [];
        let next: string | null = null;
        do {
          const page = await store.listRuns("history", limit, next);
          expect(page.runs.length).toBeLessThanOrEqual(limit);
          seen.push(...page.runs.map(({ id }) => id));
          next = page.next;
        } while (next !== null);
        expect(seen).toEqual(ids);
      }
      for (const id of ids) expect((await store.findRun(id))?.id).toBe(id);
      expect(await store.findRun(makeRunId("history", t0 - 1, 0.5))).toBeNull();
      expect(await store.findRun("no id")).toBeNull();
    });

    test("keeps a past run as it ended, whoever would have replaced it before that and is late", async () => {
      const state = running("late", t0);
      const stale = await save("late", await store.load("late"), state);
      const { run } = ended(state, t0 + 1_000);
      const over: EndedRun = { ...run, status: "succeeded" };
      const loaded = await save("late", stale, { ...emptyState, run: over });
      await save("late", loaded, running("late", t0, t0 + 2_000), over);
      const late = await store.save("late", stale, running("late", t0, t0 + 3_000), run);
      expect(late).toEqual({ kind: "conflict" });
      expect(await store.findRun(run.id)).toEqual(over);
    });

    test("does not list a run twice that is history already and the latest still", async () => {
      const state = running("twice", t0);
      const loaded = await save("twice", await store.load("twice"), state);
      const { run } = ended(state, t0 + 1);
      expect(
        (await store.save("twice", { ...loaded, version: 99 }, running("twice", t0, t0 + 5), run)).kind,
      ).toBe("conflict");
      const { runs, next } = await store.listRuns("twice", 10, null);
      expect(runs).toEqual([state.run]);
      expect(next).toBeNull();
      expect(await store.findRun(run.id)).toEqual(state.run);
    });

    test("lets past runs expire after the time that history is kept, and deletes no others", async () => {
      const state = running("expiring", t0);
      const { run } = ended(state, t0 + 1_500);
      await save(
        "expiring",
        await save("expiring", await store.load("expiring"), state),
        running("expiring", t0, t0 + day),
        run,
      );
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

    test("remembers until when schedules were seen to", async () => {
      expect(await loadSeenUntil(engine.requests, tableName)).toBeNull();
      await saveSeenUntil(engine.requests, tableName, t0);
      expect(await loadSeenUntil(engine.requests, tableName)).toBe(t0);
    });

    test("says so when it cannot be reached", async () => {
      const nowhere = createDynamodbClient("http://127.0.0.1:9");
      const unreachable = createDynamodbStore({
        requests: createRequests(nowhere),
        tableName,
        historyMs: day,
      });
      await expect(unreachable.load("chain")).rejects.toThrow(StoreUnavailableError);
      await expect(unreachable.listDue(t0)).rejects.toThrow(StoreUnavailableError);
      const before = { state: emptyState, version: 0 };
      await expect(unreachable.save("chain", before, emptyState, null)).rejects.toThrow(
        StoreUnavailableError,
      );
    });

    test("says so when its table is not there", async () => {
      const missing = createDynamodbStore({
        requests: engine.requests,
        tableName: "tagrelay-missing",
        historyMs: day,
      });
      await expect(missing.load("chain")).rejects.toThrow(
        "DynamoDB did not do as asked (ResourceNotFoundException)",
      );
    });
  });
}
