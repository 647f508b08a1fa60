import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEngine } from "../../../../functions/local/engine/engine.ts";
import { makeRunId } from "../../../../shared/run/run-id.ts";
import { type EndedRun, emptyState, type PipelineState } from "../../../../shared/run/state.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { createDynamodbStore } from "../../../../shared/store/dynamodb/store.ts";
import { notIndexed } from "../../../../shared/store/index-entries.ts";
import type { Store } from "../../../../shared/store/store.ts";
import { type Folder, makeFolder, root } from "../../../stand-ins/program.ts";

const t0 = Date.UTC(2026, 10, 20, 3);
const day = 86_400_000;
let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.remove());

async function withStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const engine = await startEngine(folder.data);
  try {
    await createTable(engine.requests, "tagrelay");
    return await use(
      createDynamodbStore({
        requests: engine.requests,
        tableName: "tagrelay",
        historyMs: day,
        clock: () => t0,
      }),
    );
  } finally {
    await engine.close();
  }
}

/** Opens the folder in another process, and returns what that printed. */
function openElsewhere(): Promise<string> {
  const program = `
    const { startEngine } = await import(${JSON.stringify(`file://${join(root, "functions/local/engine/engine.ts")}`)});
    try {
      const engine = await startEngine(process.argv[1]);
      await engine.close();
      console.log("opened");
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, folder.data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  return new Promise((resolve) => child.once("close", () => resolve(stdout.trim())));
}

const base = {
  pipeline: "chain",
  cause: "manual" as const,
  from: null,
  pushedStep: null,
  because: null,
  onlyStale: false,
  promotion: null,
  stalledAt: null,
  log: [],
};
const past: EndedRun = {
  ...base,
  id: makeRunId("chain", t0, 0.5),
  startedAt: t0,
  status: "succeeded",
  endedAt: t0 + 1,
  steps: [],
};
const active: PipelineState = {
  ...emptyState,
  run: {
    ...base,
    id: makeRunId("chain", t0 + 5, 0.5),
    startedAt: t0 + 5,
    status: "running",
    steps: [
      {
        ...{
          name: "a",
          image: "acme/x:a",
          attempts: 1,
          retriesUsed: 0,
          triggeredAt: t0 + 5,
          digestBefore: null,
          pushed: null,
          build: null,
          slot: null,
        },
        state: "building",
        wakeAt: t0 + 9,
        giveUpAt: 1e15,
        lookUps: 0,
      },
    ],
  },
};

test("due pipelines, past runs and versions survive a restart of the engine", async () => {
  await withStore((store) =>
    store.save("chain", { state: emptyState, version: 0, indexed: notIndexed }, active, past),
  );
  await withStore(async (store) => {
    expect(await store.load("chain")).toMatchObject({ state: active, version: 1 });
    expect(await store.listDue(t0 + 9)).toEqual([{ pipeline: "chain", wakeAt: t0 + 9 }]);
    expect(await store.listRuns("chain", 5, null)).toEqual({ runs: [active.run, past], next: null });
    const stale = await store.save(
      "chain",
      { state: emptyState, version: 0, indexed: notIndexed },
      emptyState,
      null,
    );
    expect(stale).toEqual({ kind: "conflict" });
  });
});

test("another process cannot open the same folder, and its attempt harms nothing", async () => {
  await withStore(async (store) => {
    await store.save("chain", { state: emptyState, version: 0, indexed: notIndexed }, active, null);
    expect(await openElsewhere()).toBe(
      `UsageError: ${folder.data} is in use by another tagrelay; stop it, or choose another folder with --data`,
    );
    expect((await store.load("chain")).version).toBe(1);
  });
  expect(await openElsewhere()).toBe("opened");
});
