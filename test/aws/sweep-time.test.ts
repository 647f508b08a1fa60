// Sweeps more than a function has time for, on the bundle that would be uploaded. The local stack kills a function at the
// end of its time, as Lambda does. DUE=10000 SECONDS=120 takes the sizes of a large installation.
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileConfig } from "../../shared/config/compile.ts";
import { forEachInParallel } from "../../shared/relay/in-parallel.ts";
import { createDynamodbClient } from "../../shared/store/dynamodb/client.ts";
import { createRequests } from "../../shared/store/dynamodb/requests.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import type { Store } from "../../shared/store/store.ts";
import { type AnyServer, startAnyServer } from "../stand-ins/any-server.ts";
import { makeLookUpDue, makeTriggerDue } from "../stand-ins/due-runs.ts";
import { type LocalStack, startLocalStack } from "./local-stack.ts";

const due = Number(process.env.DUE ?? 400);
/** Steps are claimed until 20 seconds before the end. */
const functionSeconds = Number(process.env.SECONDS ?? 24);
const triggerMs = 500;
const hanging = 24;

let hub: AnyServer;
let registry: AnyServer;
let stack: LocalStack;
let store: Store;
let stopStore: () => void;
const config = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  hub = await startAnyServer();
  hub.answer = (response) => void setTimeout(() => response.writeHead(202).end("{}"), triggerMs);
  registry = await startAnyServer();
  registry.answer = () => undefined;
  // An object of its own for each: the writer of YAML would make aliases of shared ones.
  const common = () => ({ trigger: { dockerhub: { secret: "T" } }, sequence: ["a", "b"] });
  for (let index = 0; index < due; index += 1)
    config.set(`slow-${index}`, { ...common(), image: `acme/slow-${index}`, confirm: "webhook" });
  const { host } = new URL(registry.origin);
  for (let index = 0; index < hanging; index += 1)
    config.set(`hanging-${index}`, { ...common(), image: `${host}/hanging-${index}` });
  stack = await startLocalStack(Object.fromEntries(config));
  stack.parameters.parameters.set("/Tagrelay/T", `${hub.origin}/trigger/`);
  const client = createDynamodbClient(stack.engine);
  stopStore = () => client.destroy();
  const tableName = stack.deployment.tables[0]?.TableName ?? "";
  store = createDynamodbStore({
    requests: createRequests(client),
    tableName,
    historyMs: 86_400_000,
    clock: Date.now,
  });
  for (const target of stack.deployment.functions) target.timeoutMs = functionSeconds * 1_000;
}, 300_000);
afterAll(async () => {
  stopStore();
  await stack.stop();
  await hub.close();
  await registry.close();
});

test("a sweep that has too little time leaves the rest to the next ones, and each step is built once", async ({
  annotate,
}) => {
  const { pipelines } = compileConfig({ pipelines: Object.fromEntries(config) });
  await forEachInParallel(pipelines, 32, (pipeline) =>
    pipeline.name.startsWith("slow-") ? makeTriggerDue(store, pipeline) : makeLookUpDue(store, pipeline),
  );

  const seconds: number[] = [];
  while (hub.asked.length < due && seconds.length < 12) {
    const at = performance.now();
    expect(await stack.turn('"sweep"')).toEqual({ kind: "answered", payload: null });
    seconds.push((performance.now() - at) / 1_000);
  }

  expect(hub.asked).toHaveLength(due);
  expect(seconds.length).toBeGreaterThan(1);
  for (const took of seconds) expect(took).toBeLessThan(functionSeconds);
  expect(registry.asked).not.toEqual([]);
  // The outcome of every trigger is known, so no step is triggered again.
  const built = pipelines.filter(({ name }) => name.startsWith("slow-"));
  const states = await store.loadMany(built.map(({ name }) => name));
  const steps = [...states.values()].map(({ run }) => run?.steps[1]);
  expect(Map.groupBy(steps, (step) => `${step?.state} ${step?.attempts}`).size).toBe(1);
  expect(steps).toHaveLength(due);
  expect(steps[0]).toMatchObject({ state: "building", attempts: 1 });
  expect(stack.services.violations).toEqual([]);
  await annotate(`${due} due: sweeps of ${seconds.map((took) => took.toFixed(1)).join(", ")} s`);
}, 900_000);

test("a function that takes too long is killed, and the next event starts a new process", async () => {
  for (const target of stack.deployment.functions) target.timeoutMs = 1;
  expect(await stack.turn('"sweep"')).toMatchObject({
    kind: "failed",
    error: expect.stringContaining("Task timed out after 0.00 seconds"),
  });
  for (const target of stack.deployment.functions) target.timeoutMs = 30_000;
  expect(await stack.turn('"sweep"')).toEqual({ kind: "answered", payload: null });
});
