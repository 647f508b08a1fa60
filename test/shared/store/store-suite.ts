// What every store promises. A new store runs this suite.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeRunId } from "../../../shared/run/run-id.ts";
import { type EndedRun, emptyState, type PipelineState } from "../../../shared/run/state.ts";
import { notIndexed } from "../../../shared/store/index-entries.ts";
import type { Due, Loaded, Store } from "../../../shared/store/store.ts";
import { dueAt, endRun, running, t0 } from "./stored-state.ts";

const day = 86_400_000;
const start = { kind: "start", runId: "both.1", pipeline: "other", at: t0, attempts: 1 } as const;
const namesOf = (due: readonly Due[]) => due.map(({ pipeline }) => pipeline);

export type TestStore = { store: Store; close: () => Promise<void> };

export function describeStore(name: string, startStore: () => Promise<TestStore>): void {
  describe(`the store on ${name}`, () => {
    let store: Store;
    let close: () => Promise<void>;

    beforeAll(async () => {
      ({ store, close } = await startStore());
    });
    afterAll(() => close());

    const save = async (
      pipeline: string,
      before: Loaded,
      state: PipelineState,
      replacedRun: EndedRun | null = null,
    ) => {
      const saved = await store.save(pipeline, before, state, replacedRun);
      if (saved.kind !== "saved") throw new Error("expected no conflict");
      return saved.loaded;
    };

    test("returns an empty state for a pipeline that was never saved", async () => {
      expect(await store.load("new")).toMatchObject({ state: emptyState, version: 0, indexed: notIndexed });
    });

    test.each(["chain", "__proto__", "constructor", "x".repeat(64), "a.b-c_d"])(
      "returns the saved state of a pipeline named %s",
      async (pipeline) => {
        const state: PipelineState = {
          ...running(pipeline, t0 + 1),
          completions: [
            {
              step: "__proto__",
              at: t0,
              pushedAt: 1.5,
              hubAt: t0,
              digest: "sha256:1",
              platforms: [],
              standsOn: [],
            },
          ],
          scheduledFor: t0,
        };
        await save(pipeline, await store.load(pipeline), state);
        expect(await store.load(pipeline)).toMatchObject({ state, version: 1 });
        expect((await store.loadMany([pipeline, "new"])).get(pipeline)).toEqual(state);
      },
    );

    test("lets one of many concurrent saves win, and reports a conflict to the others", async () => {
      const before = await save("raced", await store.load("raced"), running("raced", t0));
      const saves = Array.from({ length: 20 }, (_, index) =>
        store.save("raced", before, running("raced", t0 + index), null),
      );
      const kinds = (await Promise.all(saves)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === "saved")).toHaveLength(1);
      expect((await store.load("raced")).version).toBe(2);
    });

    test("lets one of many concurrent first saves win", async () => {
      const before = await store.load("first");
      const saves = Array.from({ length: 20 }, () => store.save("first", before, running("first", t0), null));
      const kinds = (await Promise.all(saves)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === "saved")).toHaveLength(1);
    });

    test("lists the due pipelines only, the longest overdue first", async () => {
      const later = t0 + 10 * day;
      await save("due-2", await store.load("due-2"), running("due-2", later + 2));
      await save("due-1", await store.load("due-1"), running("due-1", later + 1));
      await save("due-3", await store.load("due-3"), running("due-3", later + 3));
      const over = running("due-over", later);
      await save(
        "due-over",
        await save("due-over", await store.load("due-over"), over),
        endRun(over, later).state,
      );
      const due = (now: number) =>
        store.listDue(now).then((found) => namesOf(found).filter((name) => name.startsWith("due-")));
      expect(await due(later)).toEqual([]);
      expect(await due(later + 2)).toEqual(["due-1", "due-2"]);
      expect(await due(later + 3)).toEqual(["due-1", "due-2", "due-3"]);
    });

    test("lists a pipeline whose state wakes a little later than the one before, early and until then", async () => {
      const at = t0 + 20 * day;
      const isDue = (now: number) => store.listDue(now).then((found) => namesOf(found).includes("early"));
      const states = [at, at + 60_000, at + 3 * 60_000, at + 1_000].map((wakeAt) => dueAt("early", wakeAt));
      const [first = emptyState, later = emptyState, muchLater = emptyState, sooner = emptyState] = states;
      let loaded = await save("early", await store.load("early"), first);
      loaded = await save("early", loaded, later);
      expect(await isDue(at)).toBe(true);
      loaded = await save("early", loaded, muchLater);
      expect([await isDue(at + 3 * 60_000 - 1), await isDue(at + 3 * 60_000)]).toEqual([false, true]);
      expect(loaded).toEqual(await store.load("early"));
      await save("early", loaded, sooner);
      expect([await isDue(at + 999), await isDue(at + 1_000)]).toEqual([false, true]);
    });

    test("lists a pipeline once that is due and watched, from the earlier of both on", async () => {
      const at = t0 + 30 * day;
      const found = async (now: number) =>
        (await store.listDue(now)).filter(({ pipeline }) => pipeline === "both");
      const loaded = await save("both", await store.load("both"), running("both", at + 5));
      const both = { ...running("both", at + 5), outbox: [{ ...start, wakeAt: at + 9 }] };
      await save("both", loaded, both);
      expect(await found(at + 4)).toEqual([]);
      expect(await found(at + 9)).toEqual([{ pipeline: "both", wakeAt: at + 5 }]);
    });

    test("lists hundreds of due pipelines", async () => {
      const names = Array.from({ length: 300 }, (_, index) => `many-${index}`);
      for (const pipeline of names)
        await save(pipeline, { state: emptyState, version: 0, indexed: notIndexed }, running(pipeline, t0));
      const due = namesOf(await store.listDue(t0));
      expect(due.filter((found) => found.startsWith("many-")).sort()).toEqual(names.sort());
      expect((await store.loadMany(names)).size).toBe(300);
    });

    test("lists runs newest first, in pages without gaps or repeats", async () => {
      let loaded = await store.load("history");
      const ids: string[] = [];
      for (let index = 0; index < 25; index += 1) {
        const state = running("history", t0 + index, t0 + index * 1_000);
        const last = loaded.state.run;
        const replacedRun = last === null || last.status === "running" ? null : last;
        loaded = await save("history", loaded, state, replacedRun);
        loaded = await save("history", loaded, endRun(state, t0 + index * 1_000 + 500).state);
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

    test("keeps a past run as it ended, even if a late process archives an earlier version of it", async () => {
      const state = running("late", t0);
      const stale = await save("late", await store.load("late"), state);
      const { run } = endRun(state, t0 + 1_000);
      const over: EndedRun = { ...run, status: "succeeded" };
      const loaded = await save("late", stale, { ...emptyState, run: over });
      await save("late", loaded, running("late", t0, t0 + 2_000), over);
      const late = await store.save("late", stale, running("late", t0, t0 + 3_000), run);
      expect(late).toEqual({ kind: "conflict" });
      expect(await store.findRun(run.id)).toEqual(over);
    });

    test("lists a run once that is already archived but not replaced yet", async () => {
      const state = running("twice", t0);
      const loaded = await save("twice", await store.load("twice"), state);
      const { run } = endRun(state, t0 + 1);
      expect(
        (await store.save("twice", { ...loaded, version: 99 }, running("twice", t0, t0 + 5), run)).kind,
      ).toBe("conflict");
      const { runs, next } = await store.listRuns("twice", 10, null);
      expect(runs).toEqual([state.run]);
      expect(next).toBeNull();
      expect(await store.findRun(run.id)).toEqual(state.run);
    });
  });
}
