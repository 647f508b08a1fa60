// Measures what a transition costs in pipelines of ten, a hundred and a thousand steps: bytes, write units, processor time.
import { compileConfig } from "../../shared/config/compile.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { apply } from "../../shared/relay/apply.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { emptyState, type PipelineState } from "../../shared/run/state.ts";
import type { Item, Requests } from "../../shared/store/dynamodb/requests.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import type { Store } from "../../shared/store/store.ts";
import { pastRun } from "../stand-ins/past-runs.ts";
import { makeFolder } from "../stand-ins/program.ts";
import { openEmbeddedRelay, tableName } from "./embedded-relay.ts";
import { atMost, count, figure, ms, type Section, times } from "./section.ts";
import { takeTurns } from "./take-turns.ts";

export const sizes = [10, 100, 1_000] as const;
const lineLength = 10;
const rounds = 150;
const minute = 60_000;

export type StepGrowth = {
  steps: number;
  /** The item that a transition writes. */
  bytes: number;
  /** Of the writes of a push that triggers the next step, and of its index entries. */
  writeUnits: number;
  /** Of a push that triggers the next step: where the process has the state that it wrote last, and in a new process. */
  warmMs: number;
  newProcessMs: number;
}[];

type Subject = {
  pipeline: Pipeline;
  state: PipelineState;
  written: { items: number; bytes: number; units: number };
  relay: Relay;
  createStore: () => Store;
  close: () => Promise<void>;
};

export async function measureStepGrowth(turns = rounds): Promise<StepGrowth> {
  const subjects = new Map<string, Subject>();
  for (const size of sizes) subjects.set(String(size), await openSubject(size));
  const warm = await takeTurns(subjects, turns, (subject) => pushOnce(subject, true));
  const cold = await takeTurns(subjects, turns, (subject) => pushOnce(subject, false));
  for (const { close } of subjects.values()) await close();
  return [...subjects].map(([steps, { written }]) => ({
    steps: Number(steps),
    bytes: written.bytes / written.items,
    writeUnits: (2 * written.units) / written.items,
    warmMs: mean(warm(steps)),
    newProcessMs: mean(cold(steps)),
  }));
}

/** Means, because the operating system counts processor time in coarse steps. */
function mean(figures: readonly number[]): number {
  return figures.reduce((sum, one) => sum + one, 0) / figures.length;
}

async function openSubject(size: number): Promise<Subject> {
  const folder = makeFolder();
  const pipeline = compileLines(size);
  const embedded = await openEmbeddedRelay(
    folder.data,
    [pipeline],
    async () => "https://hub.docker.com/trigger/",
  );
  const written = { items: 0, bytes: 0, units: 0 };
  const requests: Requests = {
    ...embedded.requests,
    putItem: async (input) => {
      const bytes = bytesOf(input.Item ?? {});
      written.items += 1;
      written.bytes += bytes;
      written.units += Math.ceil(bytes / 1024);
      return embedded.requests.putItem(input);
    },
  };
  const { builderContext } = embedded.relay;
  const accepted = { kind: "answered", status: 202, text: "{}", header: () => null } as const;
  const createStore = () => createDynamodbStore({ requests, tableName, historyMs: 1e9, clock: Date.now });
  const store = createStore();
  const relay = {
    ...embedded.relay,
    store,
    builderContext: { ...builderContext, send: async () => accepted },
  };
  const close = async () => {
    await embedded.close();
    folder.remove();
  };
  return { pipeline, state: halfDone(pipeline), written, relay, createStore, close };
}

/** A base, and lines of ten steps after it. */
function compileLines(size: number): Pipeline {
  const steps = Array.from({ length: size }, (_, index) => {
    const isFirstOfLine = index % lineLength === 0;
    const before = index === 0 ? {} : { after: `v${isFirstOfLine ? 0 : index - 1}` };
    return [`v${index}`, { image: `acme/lines:v${index}`, ...before }] as const;
  });
  const lines = {
    confirm: "webhook",
    trigger: { dockerhub: { secret: "T" } },
    steps: Object.fromEntries(steps),
  };
  const [pipeline] = compileConfig({ pipelines: { lines } }).pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  return pipeline;
}

/** In each line, one half is done, and the next step is building. */
function halfDone(pipeline: Pipeline): PipelineState {
  const now = Date.now();
  const startedAt = now - (lineLength / 2 + 0.5) * minute;
  return { ...emptyState, run: pastRun(pipeline, { startedAt, takesMs: () => minute, now }) };
}

async function pushOnce(subject: Subject, isWarm: boolean): Promise<number[]> {
  const { pipeline, state, createStore } = subject;
  const { store } = subject.relay;
  await store.save(pipeline.name, await store.load(pipeline.name), state, null);
  const relay = isWarm ? subject.relay : { ...subject.relay, store: createStore() };
  const building = state.run?.steps.filter((step) => step.state === "building") ?? [];
  const { name = "" } = building[Math.floor(Math.random() * building.length)] ?? {};
  const push = { step: name, pushedAt: Date.now(), digest: null, newRunId: "unused" };
  const before = process.cpuUsage();
  const { state: after } = await apply(relay, pipeline, { kind: "imagePushed", ...push });
  const { user, system } = process.cpuUsage(before);
  const next = after.run?.steps.filter((step) => step.state === "building").length;
  if (next !== building.length) throw new Error(`expected that the step after ${name} is building`);
  return [(user + system) / 1_000];
}

function bytesOf(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, { S = "", N = "" }]) => sum + name.length + S.length + N.length,
    0,
  );
}

export function reportStepGrowth(growth: StepGrowth): Section {
  const [small] = growth;
  const large = growth.at(-1);
  if (small === undefined || large === undefined) throw new Error("expected all sizes");
  const of = `${count(large.steps)} steps, relative to ${small.steps}`;
  return {
    title: "Steps",
    about: `A push that triggers the next step, with everything but HTTP, on the embedded engine on disk; the mean of ${rounds} in turn. A
base, and lines of ${lineLength} steps after it, half of them done with their evidence: three digests for each step that is done,
which do not compress. *In a new process*, the state is parsed first, as in a cold start.

What grows: DynamoDB bills a write by the whole item, and the embedded engine reads and writes it whole; and each decision looks at
each step, as most depend on all (whether the run is over, how many builds are under way). What does not grow: the state that a
process wrote last is not parsed again, only the part of the steps that changed is packed again, and steps are found by an index.
To keep the steps in items of their own was not done: a transition has to change a step and the run at once, for which DynamoDB has
only transactions, at twice the price, and which the embedded engine does not have; and each decision would read all the items.`,
    tables: [
      {
        heads: ["steps", "item", "write units", "processor time", "relative", "in a new process", "relative"],
        rows: growth.map(({ steps, bytes, writeUnits, warmMs, newProcessMs }) => [
          count(steps),
          `${figure(bytes / 1e3)} KB`,
          figure(writeUnits),
          ms(warmMs),
          times(warmMs / small.warmMs),
          ms(newProcessMs),
          times(newProcessMs / small.newProcessMs),
        ]),
      },
    ],
    ratios: [
      {
        what: `processor time of a transition, ${of}`,
        value: large.warmMs / small.warmMs,
        target: atMost(1.1),
      },
    ],
  };
}
