// Measures whether webhooks and sweeps stay as fast when much is configured, stored or due.
import { compileConfig } from "../../shared/config/compile.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { sweep } from "../../shared/relay/sweep.ts";
import { makeTriggerDue } from "../stand-ins/due-runs.ts";
import { type Folder, makeFolder } from "../stand-ins/program.ts";
import { config } from "./bundles.ts";
import { type EmbeddedRelay, openEmbeddedRelay } from "./embedded-relay.ts";
import { type Hub, startHub } from "./hub.ts";
import { measureRun } from "./latency.ts";
import { writePastRuns } from "./past-folder.ts";
import { atMost, count, ms, type Section, times } from "./section.ts";
import { median } from "./statistics.ts";
import { chain, chainName, type Subject, startTagrelay } from "./subject.ts";
import { takeTurns } from "./take-turns.ts";

const manyConfigured = 10_000;
const manyStored = { pipelines: 10_000, runsOfEach: 100 };
const webhookRounds = 120;
const sweepRounds = 600;
const totalDue = 3_000;

type Of<Name extends string> = Record<Name, number>;

export type Growth = {
  storedRuns: number;
  /** From webhook to trigger: the median in milliseconds. */
  webhookMs: Of<"one" | "hundredConfigured" | "manyConfigured" | "manyStored">;
  /** A sweep that finds nothing due. */
  idleSweepMs: Of<"one" | "manyConfigured" | "manyStored">;
  /** A sweep that triggers this many due steps: the time for each. */
  dueMs: Of<"ten" | "hundred" | "thousand">;
};

export async function measureGrowth(): Promise<Growth> {
  const [model] = config.pipelines;
  if (model === undefined) throw new Error("expected a pipeline");
  const past = makeFolder();
  const storedRuns = await writePastRuns(past.data, model, manyStored.pipelines, manyStored.runsOfEach);
  const hub = await startHub();
  // First, because deleted items slow LevelDB down for a while.
  const idleSweepMs = await measureIdleSweeps(past, model);
  const webhookMs = await measureWebhooks(hub, past.data);
  const dueMs = await measureDue(hub);
  await hub.close();
  past.remove();
  return { storedRuns, webhookMs, idleSweepMs, dueMs };
}

async function measureWebhooks(hub: Hub, past: string): Promise<Growth["webhookMs"]> {
  const start = (chains: number) => startTagrelay(hub.origin, chains, "webhook");
  const subjects = new Map<keyof Growth["webhookMs"], Subject>([
    ["one", await start(1)],
    ["hundredConfigured", await start(100)],
    ["manyConfigured", await start(manyConfigured)],
    ["manyStored", await startTagrelay(hub.origin, 1, "webhook", { data: past })],
  ]);
  const of = await takeTurns(subjects, webhookRounds, (subject) => measureRun(hub, subject));
  for (const subject of subjects.values()) await subject.stop();
  return {
    one: median(of("one")),
    hundredConfigured: median(of("hundredConfigured")),
    manyConfigured: median(of("manyConfigured")),
    manyStored: median(of("manyStored")),
  };
}

const notAsked = async () => null;

async function measureIdleSweeps(past: Folder, model: Pipeline): Promise<Growth["idleSweepMs"]> {
  const [empty, other] = [makeFolder(), makeFolder()];
  const many = Array.from({ length: manyConfigured }, (_, index) => ({ ...model, name: chainName(index) }));
  const subjects = new Map<keyof Growth["idleSweepMs"], EmbeddedRelay>([
    ["one", await openEmbeddedRelay(empty.data, [model], notAsked)],
    ["manyConfigured", await openEmbeddedRelay(other.data, many, notAsked)],
    ["manyStored", await openEmbeddedRelay(past.data, [model], notAsked)],
  ]);
  const of = await takeTurns(subjects, sweepRounds, async ({ relay }) => {
    const at = performance.now();
    await sweep(relay);
    return [performance.now() - at];
  });
  for (const { close } of subjects.values()) await close();
  for (const folder of [empty, other]) folder.remove();
  return {
    one: median(of("one")),
    manyConfigured: median(of("manyConfigured")),
    manyStored: median(of("manyStored")),
  };
}

async function measureDue(hub: Hub): Promise<Growth["dueMs"]> {
  const folders = [makeFolder(), makeFolder(), makeFolder()];
  const open = async (due: number) => {
    const chains = Array.from({ length: due }, (_, index) => [chainName(index), chain(index, "webhook")]);
    const { pipelines } = compileConfig({ pipelines: Object.fromEntries(chains) });
    const data = folders.pop()?.data ?? "";
    return { due, ...(await openEmbeddedRelay(data, pipelines, async () => `${hub.origin}/trigger/`)) };
  };
  const all = [...folders];
  const subjects = new Map<keyof Growth["dueMs"], EmbeddedRelay & { due: number }>([
    ["ten", await open(10)],
    ["hundred", await open(100)],
    ["thousand", await open(1_000)],
  ]);
  // The total is the same for each.
  const of = await takeTurns(subjects, 4, async ({ relay, due }) => {
    const took: number[] = [];
    for (let times = 0; times < totalDue / due; times += 1)
      took.push((await sweepDue(hub, relay, due)) / due);
    return took;
  });
  for (const { close } of subjects.values()) await close();
  for (const folder of all) folder.remove();
  return { ten: median(of("ten")), hundred: median(of("hundred")), thousand: median(of("thousand")) };
}

async function sweepDue(hub: Hub, relay: Relay, due: number): Promise<number> {
  for (const pipeline of relay.pipelines.values()) await makeTriggerDue(relay.store, pipeline);
  const before = hub.triggers.length;
  const at = performance.now();
  const found = await sweep(relay);
  const tookMs = performance.now() - at;
  const triggered = hub.triggers.length - before;
  if (found !== due || triggered !== due) {
    throw new Error(`expected ${due} triggers, found ${triggered} for ${found} due pipelines`);
  }
  return tookMs;
}

export function reportGrowth({ storedRuns, webhookMs, idleSweepMs, dueMs }: Growth): Section {
  const row = (what: string, value: number, base: number) => [what, ms(value), times(value / base)];
  const ratio = (what: string, value: number, base: number) => ({
    what,
    value: value / base,
    target: atMost(1.1),
  });
  const configured = `${count(manyConfigured)} pipelines configured`;
  const stored = `${count(storedRuns)} runs stored`;
  return {
    title: "Growth",
    about: `Medians, measured in turn, on the embedded engine on disk. The runs were written directly to its files, because a
request for each would have taken half an hour. Each measurement of due pipelines triggers ${count(totalDue)} in total, and the
time is given for each. While nothing is due, \`npm start\` sweeps only once a minute. Once a day it looks for expired runs among
all that are stored, a few at a time; with a million runs this takes minutes, in which webhooks take a little longer.`,
    tables: [
      {
        heads: ["webhook to trigger", "p50", "relative to one"],
        rows: [
          row("1 pipeline configured, nothing stored", webhookMs.one, webhookMs.one),
          row("100 pipelines configured", webhookMs.hundredConfigured, webhookMs.one),
          row(configured, webhookMs.manyConfigured, webhookMs.one),
          row(stored, webhookMs.manyStored, webhookMs.one),
        ],
      },
      {
        heads: ["a sweep that finds nothing due", "p50", "relative to one"],
        rows: [
          row("1 pipeline configured, nothing stored", idleSweepMs.one, idleSweepMs.one),
          row(configured, idleSweepMs.manyConfigured, idleSweepMs.one),
          row(stored, idleSweepMs.manyStored, idleSweepMs.one),
        ],
      },
      {
        heads: ["a sweep that finds pipelines due", "for each", "relative to ten"],
        rows: [
          row("10 due at once", dueMs.ten, dueMs.ten),
          row("100 due at once", dueMs.hundred, dueMs.ten),
          row("1,000 due at once", dueMs.thousand, dueMs.ten),
        ],
      },
    ],
    ratios: [
      ratio(`webhook to trigger, ${configured}, relative to 1`, webhookMs.manyConfigured, webhookMs.one),
      ratio(`webhook to trigger, ${stored}, relative to none`, webhookMs.manyStored, webhookMs.one),
      ratio(`idle sweep, ${configured}, relative to 1`, idleSweepMs.manyConfigured, idleSweepMs.one),
      ratio(`idle sweep, ${stored}, relative to none`, idleSweepMs.manyStored, idleSweepMs.one),
      ratio("sweep, for each of 1,000 due at once, relative to 10", dueMs.thousand, dueMs.ten),
    ],
  };
}
