import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, startEngine } from "../../../../functions/local/engine/engine.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { createDynamodbStore } from "../../../../shared/store/dynamodb/store.ts";
import { pipelineKey, runKey } from "../../../../shared/store/dynamodb/table.ts";
import { upgradeRun, upgradeState } from "../../../../shared/store/dynamodb/upgrade.ts";
import type { Store } from "../../../../shared/store/store.ts";
import { endRun, running, t0 } from "../stored-state.ts";

let engine: Engine;
let store: Store;
beforeAll(async () => {
  engine = await startEngine(null);
  await createTable(engine.requests, "tagrelay");
  store = createDynamodbStore({
    requests: engine.requests,
    tableName: "tagrelay",
    historyMs: 1_000,
    clock: () => t0,
  });
});
afterAll(() => engine.close());

const id = "chain.20261120T030000000-aaaaaa";
const oldStep = { image: "acme/x:a", attempts: 1, retried: 1, triggeredAt: t0, ticket: null, slot: null };
const oldUnderWay = { ...oldStep, wakeAt: t0 + 5, giveUpAt: t0 + 9, lookUps: 2 };
const oldDue = { ...oldUnderWay, state: "due", dueAt: t0 + 4 };
const oldUntriggered = { ...oldDue, attempts: 0, retried: 0, triggeredAt: null, giveUpAt: null };
const oldSlot = { account: "acme", since: t0, isHeld: false };
const oldRun = {
  id,
  pipeline: "chain",
  cause: "manual",
  from: null,
  pushedStep: null,
  startedAt: t0,
  stalledAt: null,
  log: [],
};

const trigger = { attempts: 1, retriesUsed: 1, triggeredAt: t0, digestBefore: null, pushed: null };
const step = { ...trigger, image: "acme/x:a", build: null, slot: null };
const underWay = { ...step, wakeAt: t0 + 5, giveUpAt: t0 + 9, lookUps: 2 };
const due = { ...underWay, state: "due", dueAt: t0 + 4 };
const untriggered = { ...due, attempts: 0, retriesUsed: 0, triggeredAt: null, giveUpAt: null };

test("a state in the old form is loaded in the current one, and saved under its version", async () => {
  const ticket = { id: "7", url: "https://github.com/acme/x/actions/runs/7" };
  const notice = {
    kind: "notify",
    subject: "runFailed",
    channel: "ops",
    since: t0,
    runId: "chain.0",
    at: t0,
    attempts: 1,
    wakeAt: t0 + 60_000,
    failed: [{ step: "a", reason: "gone", attempts: 2 }],
  };
  const old = {
    run: {
      ...oldRun,
      status: "running",
      steps: [
        { ...oldStep, name: "waiting", state: "waiting" },
        { ...oldUntriggered, name: "delayed", reason: null },
        { ...oldUntriggered, name: "waits for a slot", slot: oldSlot, reason: "acme is busy" },
        { ...oldUntriggered, name: "has asked for a slot", slot: oldSlot, reason: null },
        { ...oldDue, name: "refused", reason: "Docker Hub answered 503" },
        { ...oldDue, name: "refused without a reason", reason: null },
        { ...oldDue, name: "to be retried", giveUpAt: null, reason: "the build failed" },
        { ...oldUnderWay, name: "triggering", state: "triggering" },
        { ...oldUnderWay, name: "building", state: "building", ticket },
        { ...oldStep, name: "done", state: "done", doneAt: t0 + 3 },
        { ...oldStep, name: "failed", state: "failed", failedAt: t0 + 3, reason: "not pushed in time" },
        { ...oldStep, name: "skipped", state: "skipped" },
      ],
    },
    completions: [{ step: "a", at: t0, pushedAt: null, hubAt: t0 }],
    told: [{ step: "a", pushedAt: 5, newRunId: "chain.2", at: t0 + 1, wakeAt: t0 + 2, lookUps: 1 }],
    errands: [notice],
    news: [{ of: "image library/debian:12", is: "sha256:1" }],
    trouble: { since: t0, steps: ["a"] },
    next: { id: "chain.2", cause: "source", from: ["a"], at: t0 },
    scheduledFor: t0,
  };
  const Item = { ...pipelineKey("chain"), version: { N: "7" }, state: { S: JSON.stringify(old) } };
  await engine.requests.putItem({ TableName: "tagrelay", Item });

  const loaded = await store.load("chain");
  expect(loaded).toMatchObject({
    version: 7,
    state: {
      run: {
        ...oldRun,
        because: null,
        onlyStale: false,
        promotion: null,
        status: "running",
        steps: [
          { ...step, name: "waiting", state: "waiting" },
          { ...untriggered, name: "delayed", phase: "delayed", reason: null },
          {
            ...untriggered,
            name: "waits for a slot",
            phase: "waitingForSlot",
            slot: oldSlot,
            reason: "acme is busy",
          },
          {
            ...untriggered,
            name: "has asked for a slot",
            phase: "waitingForSlot",
            slot: oldSlot,
            reason: null,
          },
          { ...due, name: "refused", phase: "backingOff", reason: "Docker Hub answered 503" },
          {
            ...due,
            name: "refused without a reason",
            phase: "backingOff",
            reason: "waiting for another try",
          },
          {
            ...due,
            name: "to be retried",
            phase: "backingOff",
            giveUpAt: null,
            reason: "the build failed",
          },
          { ...underWay, name: "triggering", state: "triggering" },
          { ...underWay, name: "building", state: "building", build: ticket },
          { ...step, name: "done", state: "done", doneAt: t0 + 3, reportedBy: null },
          { ...step, name: "failed", state: "failed", failedAt: t0 + 3, reason: "not pushed in time" },
          { ...step, name: "skipped", state: "skipped" },
        ],
      },
      completions: [
        { step: "a", at: t0, pushedAt: null, hubAt: t0, digest: null, platforms: [], standsOn: [] },
      ],
      pendingConfirmations: [
        {
          step: "a",
          image: null,
          pushedAt: 5,
          digest: null,
          newRunId: "chain.2",
          receivedAt: t0 + 1,
          wakeAt: t0 + 2,
          lookUps: 1,
        },
      ],
      outbox: [{ ...notice, pushed: [] }],
      lastSeen: [{ name: "image library/debian:12", value: "sha256:1" }],
      outage: { since: t0, steps: ["a"] },
      queuedRun: {
        id: "chain.2",
        cause: "source",
        from: ["a"],
        because: null,
        onlyStale: false,
        at: t0,
      },
      look: null,
      lookAt: null,
      scheduledFor: t0,
    },
  });
  expect((await store.loadMany(["chain"])).get("chain")).toEqual(loaded.state);
  expect((await store.save("chain", loaded, loaded.state, null)).kind).toBe("saved");
  expect(await store.load("chain")).toEqual({
    ...loaded,
    version: 8,
    indexed: { dueAt: t0 + 2, watchedAt: t0 + 5 },
  });
});

test("the oldest states, without fields that came later, are loaded too", async () => {
  const { log: _log, stalledAt: _stalledAt, ...bare } = oldRun;
  const { ticket: _ticket, slot: _slot, ...bareStep } = oldDue;
  const steps = [{ ...bareStep, name: "a", triggeredAt: null, giveUpAt: null, reason: null }];
  const run = { ...bare, status: "running", steps };
  const state = JSON.stringify({ run, completions: [], told: [], errands: [], scheduledFor: null });
  const Item = { ...pipelineKey("oldest"), version: { N: "1" }, state: { S: state } };
  await engine.requests.putItem({ TableName: "tagrelay", Item });
  const loaded = await store.load("oldest");
  expect(loaded.state).toMatchObject({ lastSeen: [], outage: null, queuedRun: null });
  expect(loaded.state.run).toMatchObject({
    ...oldRun,
    steps: [{ phase: "delayed", build: null, slot: null, giveUpAt: null, reason: null }],
  });
});

test("a past run in the old form is found and listed in the current one", async () => {
  const about = { ...oldRun, id: "past.20261120T030000000-aaaaaa", pipeline: "past" };
  const ended = { status: "failed", endedAt: t0 + 5 };
  const failed = { name: "a", state: "failed", failedAt: t0 + 3, reason: "the trigger is gone" };
  const old = { ...about, ...ended, steps: [{ ...oldStep, ...failed }] };
  const Item = { ...runKey("past", about.id), version: { N: "6" }, run: { S: JSON.stringify(old) } };
  await engine.requests.putItem({ TableName: "tagrelay", Item });
  const current = {
    ...about,
    because: null,
    onlyStale: false,
    promotion: null,
    ...ended,
    steps: [{ ...step, ...failed }],
  };
  expect(await store.findRun(about.id)).toEqual(current);
  expect((await store.listRuns("past", 5, null)).runs).toEqual([current]);
});

test("what is stored in the current form is not touched", () => {
  const state = running("chain", t0);
  expect(upgradeState(state)).toBe(state);
  expect(upgradeRun(state.run)).toBe(state.run);
  const { run } = endRun(state, t0 + 1);
  expect(upgradeRun(run)).toBe(run);
});
