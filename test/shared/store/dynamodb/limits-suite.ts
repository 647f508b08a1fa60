// What the store promises if DynamoDB answers in pages, an answer is lost, or a request is refused, on any engine.
import { randomBytes } from "node:crypto";
import { type DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { makeRunId } from "../../../../shared/run/run-id.ts";
import { type EndedRun, emptyState, type PipelineState, type StepRun } from "../../../../shared/run/state.ts";
import {
  deleteExpired,
  loadHandledUntil,
  saveHandledUntil,
} from "../../../../shared/store/dynamodb/chores.ts";
import { createDynamodbClient } from "../../../../shared/store/dynamodb/client.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { createRequests } from "../../../../shared/store/dynamodb/requests.ts";
import { createDynamodbStore } from "../../../../shared/store/dynamodb/store.ts";
import { dueIndex, pipelineKey, runKey, watchedIndex } from "../../../../shared/store/dynamodb/table.ts";
import { createTableRequests } from "../../../../shared/store/dynamodb/table-requests.ts";
import { notIndexed } from "../../../../shared/store/index-entries.ts";
import { type Store, StoreUnavailableError } from "../../../../shared/store/store.ts";
import { type Alter, startAlteringProxy } from "./altering-proxy.ts";

type Engine = { endpoint: string; close: () => Promise<void> };

const t0 = Date.UTC(2026, 10, 20, 3);
const day = 86_400_000;
const tableName = "tagrelay-store-limits";
const before = { state: emptyState, version: 0, indexed: notIndexed };

const batch = z.object({
  RequestItems: z.object({ [tableName]: z.object({ Keys: z.array(z.unknown()) }) }),
});
const keysOf = (body: unknown) => batch.parse(body).RequestItems[tableName]?.Keys ?? [];

const core = {
  image: "acme/x:a",
  attempts: 1,
  retriesUsed: 0,
  triggeredAt: t0,
  digestBefore: null,
  pushed: null,
  build: null,
  slot: null,
} as const;
const underWay = { ...core, giveUpAt: t0 + 5 * 60 * 60_000, lookUps: 0 };
const building = (wakeAt: number): StepRun => ({ ...underWay, name: "a", state: "building", wakeAt });

function running(pipeline: string, steps: StepRun[], startedAt = t0): PipelineState {
  const id = makeRunId(pipeline, startedAt, 0.5);
  const from = {
    cause: "manual" as const,
    from: null,
    pushedStep: null,
    because: null,
    onlyStale: false,
    promotion: null,
    stalledAt: null,
    log: [],
    startedAt,
  };
  return { ...emptyState, run: { id, pipeline, ...from, status: "running", steps } };
}

function endedRun(pipeline: string, startedAt: number, reason = "the trigger is gone"): EndedRun {
  const failed: StepRun = { ...core, name: "a", state: "failed", failedAt: startedAt, reason };
  const { run } = running(pipeline, [failed], startedAt);
  if (run === null) throw new Error("expected a run");
  return { ...run, status: "failed", endedAt: startedAt + 1 };
}

export function describeStoreLimits(name: string, startEngine: () => Promise<Engine>): void {
  describe(`the store on ${name}`, () => {
    let engine: Engine;
    let client: DynamoDBClient;
    let store: Store;

    beforeAll(async () => {
      engine = await startEngine();
      client = createDynamodbClient(engine.endpoint);
      await createTable(createTableRequests(client), tableName);
      store = createDynamodbStore({
        requests: createRequests(client),
        tableName,
        historyMs: day,
        clock: () => t0,
      });
    });
    afterAll(async () => {
      client.destroy();
      await engine.close();
    });

    const behind = async <T>(
      alter: Alter,
      use: (store: Store, client: DynamoDBClient, passed: string[]) => Promise<T>,
    ) => {
      const proxy = await startAlteringProxy(engine.endpoint, alter);
      const altered = createDynamodbClient(proxy.endpoint);
      const alteredStore = createDynamodbStore({
        requests: createRequests(altered),
        tableName,
        historyMs: day,
        clock: () => t0,
      });
      try {
        return await use(alteredStore, altered, proxy.passed);
      } finally {
        altered.destroy();
        await proxy.close();
      }
    };
    const replace = async (pipeline: string, state: PipelineState, replacedRun: EndedRun | null = null) => {
      const saved = await store.save(pipeline, await store.load(pipeline), state, replacedRun);
      expect(saved.kind).toBe("saved");
    };
    const readIndex = async (
      prefix: string,
      [index, instant] = [watchedIndex.name, "watchAt"],
    ): Promise<Map<string, number>> => {
      const { Items } = await client.send(new ScanCommand({ TableName: tableName, IndexName: index }));
      const entries = (Items ?? []).map((item) => [item.pk?.S ?? "", Number(item[instant]?.N)] as const);
      return new Map(entries.filter(([pk]) => pk.startsWith(`pipeline#${prefix}`)));
    };

    test("keeps only pipelines with something under way in the indexes, under their earliest wakeAt", async () => {
      const due: StepRun = {
        ...underWay,
        name: "b",
        state: "due",
        wakeAt: t0 + 3,
        dueAt: t0,
        phase: "backingOff",
        reason: "Docker Hub answered 503",
      };
      const triggering: StepRun = { ...underWay, name: "c", state: "triggering", wakeAt: t0 + 2 };
      const waiting: StepRun = { ...core, name: "d", state: "waiting" };
      const done: StepRun = { ...core, name: "e", state: "done", doneAt: t0, reportedBy: null };
      const skipped: StepRun = { ...core, name: "f", state: "skipped" };
      const completions = [
        { step: "a", at: t0, pushedAt: null, hubAt: null, digest: null, platforms: [], standsOn: [] },
      ];
      await replace("sparse-due", running("sparse-due", [due, waiting]));
      await replace("sparse-triggering", running("sparse-triggering", [done, triggering]));
      await replace("sparse-earliest", running("sparse-earliest", [building(t0 + 9), due, triggering]));
      await replace("sparse-waiting", running("sparse-waiting", [waiting, done, skipped]));
      await replace("sparse-no-run", { ...emptyState, completions, scheduledFor: t0 });
      await replace("sparse-ended", { ...emptyState, run: endedRun("sparse-ended", t0) });
      expect(await readIndex("sparse-")).toEqual(new Map([["pipeline#sparse-earliest", t0 + 9]]));
      expect(await readIndex("sparse-", [dueIndex.name, "wakeAt"])).toEqual(
        new Map([
          ["pipeline#sparse-due", t0 + 3],
          ["pipeline#sparse-triggering", t0 + 2],
          ["pipeline#sparse-earliest", t0 + 2],
        ]),
      );
    });

    test("removes a pipeline from the index when its run ends, and adds it again with the next run", async () => {
      const run = endedRun("leaves-index", t0);
      await replace("leaves-index", running("leaves-index", [building(t0 + 1)]));
      expect(await readIndex("leaves-index")).toEqual(new Map([["pipeline#leaves-index", t0 + 1]]));
      await replace("leaves-index", { ...emptyState, run });
      expect((await readIndex("leaves-index")).size).toBe(0);
      await replace("leaves-index", running("leaves-index", [building(t0 + 7)], t0 + 5), run);
      expect(await readIndex("leaves-index")).toEqual(new Map([["pipeline#leaves-index", t0 + 7]]));
    });

    test("lists all due pipelines in order across shards, even if each page holds only two", async () => {
      const earliest = t0 - 1_000 * day;
      const expected = Array.from({ length: 60 }, (_, index) => `paged-${index}`);
      const saves = expected.map((pipeline, index) =>
        replace(pipeline, running(pipeline, [building(earliest + index)])),
      );
      await Promise.all(saves);
      const twoAtATime: Alter = { request: (_operation, body) => ({ ...body, Limit: 2 }) };
      await behind(twoAtATime, async (paged, _client, passed) => {
        expect(await paged.listDue(earliest + 60)).toEqual(
          expected.map((pipeline, index) => ({ pipeline, wakeAt: earliest + index })),
        );
        expect(passed.length).toBeGreaterThan(30);
        expect(await paged.listDue(earliest + 29)).toHaveLength(30);
        expect(await paged.listDue(earliest - 1)).toEqual([]);
      });
    });

    test("loads many pipelines even if DynamoDB returns some keys unprocessed", async () => {
      const names = Array.from({ length: 120 }, (_, index) => `many-${index}`);
      await Promise.all(
        names.map((pipeline, index) => replace(pipeline, { ...emptyState, scheduledFor: index })),
      );
      const sevenAtATime: Alter = {
        request: (_operation, body) => ({
          RequestItems: { [tableName]: { Keys: keysOf(body).slice(0, 7) } },
        }),
        answer: (_operation, answered, body) => {
          const rest = keysOf(body).slice(7);
          return rest.length === 0
            ? answered
            : { ...answered, UnprocessedKeys: { [tableName]: { Keys: rest } } };
        },
      };
      const found = await behind(sevenAtATime, (paged) => paged.loadMany([...names, "never-saved"]));
      expect(found.size).toBe(120);
      for (const [index, pipeline] of names.entries()) {
        expect(found.get(pipeline)?.scheduledFor).toBe(index);
      }
      expect(await store.loadMany([])).toEqual(new Map());
    });

    test("pauses before it asks for unprocessed keys again, and gives up if none is ever processed", async () => {
      const throttled: Alter = {
        answer: (_operation, answered, body) => ({
          ...answered,
          Responses: { [tableName]: [] },
          UnprocessedKeys: { [tableName]: { Keys: keysOf(body) } },
        }),
      };
      await behind(throttled, async (paged, _client, passed) => {
        await expect(paged.loadMany(["many-0", "many-1"])).rejects.toThrow(
          "DynamoDB read none of 2 states, 6 times in a row",
        );
        expect(passed).toHaveLength(6);
      });
    });

    test("lists runs without a gap even if they are so large that DynamoDB returns only a few at a time", async () => {
      const long = randomBytes(225_000).toString("base64");
      const runs = Array.from({ length: 8 }, (_, index) => endedRun("large", t0 + index * 1_000, long));
      for (const [index, run] of runs.entries()) {
        await replace("large", { ...emptyState, run }, runs[index - 1] ?? null);
      }
      const ids = runs.map(({ id }) => id).reverse();
      for (const limit of [1, 5, 7, 8, 100]) {
        const seen: string[] = [];
        let next: string | null = null;
        do {
          const page = await store.listRuns("large", limit, next);
          expect(page.runs).toHaveLength(Math.min(limit, ids.length - seen.length));
          seen.push(...page.runs.map(({ id }) => id));
          next = page.next;
        } while (next !== null);
        expect(seen).toEqual(ids);
      }
    });

    test.each(["__proto__", "constructor", "x".repeat(64), "run#state", "a.b"])(
      "keeps state, history and index of a pipeline named %s",
      async (pipeline) => {
        const first = endedRun(pipeline, t0);
        const wakeAt = t0 - 2_000 * day;
        await replace(pipeline, running(pipeline, [building(wakeAt)]));
        expect(await store.listDue(wakeAt)).toEqual([{ pipeline, wakeAt }]);
        await replace(pipeline, { ...emptyState, run: first });
        expect(await store.listDue(wakeAt)).toEqual([]);
        const second = running(pipeline, [building(t0 + 9)], t0 + 5);
        await replace(pipeline, second, first);
        expect(await store.findRun(first.id)).toEqual(first);
        expect(await store.listRuns(pipeline, 10, null)).toEqual({ runs: [second.run, first], next: null });
      },
    );

    test("keeps the runs of pipelines with similar names apart", async () => {
      for (const pipeline of ["alike", "alike.b", "alike#run", "alik"]) {
        const first = endedRun(pipeline, t0);
        await replace(pipeline, { ...emptyState, run: first });
        await replace(pipeline, { ...emptyState, run: endedRun(pipeline, t0 + 5) }, first);
      }
      const { runs } = await store.listRuns("alike", 100, null);
      expect(runs.map(({ id }) => id)).toEqual([
        makeRunId("alike", t0 + 5, 0.5),
        makeRunId("alike", t0, 0.5),
      ]);
    });

    test.each([1_000, 2_100])("finds no run by an id of %i characters", async (length) => {
      expect(await store.findRun(makeRunId("x".repeat(length), t0, 0.5))).toBeNull();
      expect(await store.findRun(makeRunId("é".repeat(length), t0, 0.5))).toBeNull();
    });

    test("reports a conflict for an outdated version, and keeps the stored state", async () => {
      for (const scheduledFor of [1, 2, 3]) await replace("old", { ...emptyState, scheduledFor });
      for (const version of [0, 1, 2, 4]) {
        const saved = await store.save(
          "old",
          { state: emptyState, version, indexed: notIndexed },
          emptyState,
          null,
        );
        expect(saved).toEqual({ kind: "conflict" });
      }
      expect(await store.load("old")).toMatchObject({
        state: { ...emptyState, scheduledFor: 3 },
        version: 3,
      });
    });

    test("archives a replaced run once, even if the answers of both writes are lost", async () => {
      const run = endedRun("lost", t0);
      await replace("lost", { ...emptyState, run });
      let toLose = 2;
      const losing: Alter = {
        answer: (operation, answered) => {
          if (operation !== "PutItem" || toLose === 0) return answered;
          toLose -= 1;
          return null;
        },
      };
      const next = running("lost", [building(t0 + 9)], t0 + 5);
      const saved = await behind(losing, (flaky) =>
        flaky.save("lost", { state: { ...emptyState, run }, version: 1, indexed: notIndexed }, next, run),
      );
      expect(saved).toMatchObject({ kind: "saved", loaded: { state: next, version: 2 } });
      expect(await store.load("lost")).toMatchObject({ state: next, version: 2 });
      expect(await store.listRuns("lost", 10, null)).toEqual({ runs: [next.run, run], next: null });
    });

    test("reports a conflict if its write was lost and another process's arrived", async () => {
      const other = { ...emptyState, scheduledFor: 1 };
      let isLost = false;
      const overtaken: Alter = {
        request: async (operation, body) => {
          if (operation !== "PutItem" || isLost) return body;
          isLost = true;
          await replace("overtaken", other);
          return null;
        },
      };
      expect(await behind(overtaken, (flaky) => flaky.save("overtaken", before, emptyState, null))).toEqual({
        kind: "conflict",
      });
      expect(await store.load("overtaken")).toMatchObject({ state: other, version: 1 });
    });

    test("is unavailable, and has written nothing, if no write arrives", async () => {
      const dropsWrites: Alter = { request: (operation, body) => (operation === "PutItem" ? null : body) };
      await behind(dropsWrites, async (flaky, _client, passed) => {
        await expect(flaky.save("no-write", before, emptyState, null)).rejects.toThrow(StoreUnavailableError);
        expect(passed).toEqual(["GetItem"]);
      });
      expect((await store.load("no-write")).version).toBe(0);
    });

    test("is unavailable if a state is too large, and keeps the one before", async () => {
      await replace("too-large", { ...emptyState, scheduledFor: 1 });
      const lastSeen = [{ name: "source", value: randomBytes(500_000).toString("base64") }];
      await expect(
        store.save("too-large", await store.load("too-large"), { ...emptyState, lastSeen }, null),
      ).rejects.toThrow(StoreUnavailableError);
      expect((await store.load("too-large")).state.scheduledFor).toBe(1);
    });

    test("sets an expiry in whole seconds on past runs only", async () => {
      const run = endedRun("ttl", t0 + 998);
      await replace("ttl", { ...emptyState, run });
      await replace("ttl", { ...emptyState, run: endedRun("ttl", t0 + 5_000) }, run);
      const read = async (Key: ReturnType<typeof runKey>) =>
        (await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item;
      expect((await read(runKey("ttl", run.id)))?.expiresAt).toEqual({
        N: String((t0 + day) / 1_000 + 1),
      });
      expect(await read(pipelineKey("ttl"))).not.toHaveProperty("expiresAt");
    });

    test("recognizes a successful write whose answer was lost", async () => {
      let toLose = 0;
      const losing: Alter = {
        answer: (operation, answered) => {
          if (operation !== "PutItem" || toLose === 0) return answered;
          toLose -= 1;
          return null;
        },
      };
      const due = (wakeAt: number) => running("lost-answer", [building(wakeAt)]);
      await behind(losing, async (flaky, _client, passed) => {
        toLose = 1;
        expect((await flaky.save("lost-answer", before, due(t0), null)).kind).toBe("saved");
        expect(passed.filter((operation) => operation === "PutItem")).toHaveLength(2);
        expect((await store.load("lost-answer")).version).toBe(1);

        // Every answer to the write is lost, and the store reads that it succeeded.
        toLose = 10;
        const again = await flaky.load("lost-answer");
        expect((await flaky.save("lost-answer", again, due(t0 + 1), null)).kind).toBe("saved");
        expect((await store.load("lost-answer")).version).toBe(2);
      });
    });

    test("deletes expired items only, page by page", async () => {
      const runs = Array.from({ length: 12 }, (_, index) =>
        endedRun("expired", t0 - 900 * day + index * 1_000),
      );
      for (const [index, run] of runs.entries()) {
        await replace("expired", { ...emptyState, run }, runs[index - 1] ?? null);
      }
      await saveHandledUntil(createRequests(client), tableName, 5);
      // Runs 0 to 5 have expired by then: each ends a millisecond late, and expiry is in whole seconds.
      const now = t0 - 899 * day + 7_999;
      const threeAtATime: Alter = {
        request: (operation, body) => (operation === "Scan" ? { ...body, Limit: 3 } : body),
      };
      await behind(threeAtATime, async (_store, paged) => {
        expect(await deleteExpired(createTableRequests(paged), tableName, now)).toBe(6);
        expect(await deleteExpired(createTableRequests(paged), tableName, now)).toBe(0);
      });
      const { runs: left } = await store.listRuns("expired", 100, null);
      expect(left.map(({ id }) => id)).toEqual(
        runs
          .slice(6)
          .map(({ id }) => id)
          .reverse(),
      );
      expect(await loadHandledUntil(createRequests(client), tableName)).toBe(5);
    });
  });
}
