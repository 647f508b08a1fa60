// Measures what a run costs on AWS (requests, DynamoDB units and function calls) and what that adds up to in a month.
// Uses the deployed bundles, AWS's own runtime client and AWS's own engine.
import { type LocalStack, startLocalStack } from "../aws/local-stack.ts";
import { pushWebhook } from "../stand-ins/docker-hub.ts";
import { startHub } from "./hub.ts";
import { atMost, count as counted, figure, ms, type Section } from "./section.ts";
import { median } from "./statistics.ts";
import { steps } from "./subject.ts";

const secret = "benchmark-secret";

/** US dollars in US East (N. Virginia), without free tiers except EventBridge Scheduler's. */
export const prices = {
  asOf: "June 2026",
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  storedGigabyte: 0.25,
  call: 0.2e-6,
  gigabyteSecond: 13.3334e-6,
  httpRequest: 1e-6,
  schedulerCall: 1e-6,
  schedulerCallsFree: 14e6,
  alarm: 0.1,
  metric: 0.3,
};
const gigabytes = 0.5;
const sweepsAMonth = 60 * 24 * 30;
const runsAMonth = 30;
const alarms = 10;
const metrics = 4;

type Units = { read: number; write: number };
export type Cost = {
  /** For each kind of webhook. */
  webhooks: { what: string; calls: string[]; units: Units }[];
  run: {
    webhooks: number;
    turns: number;
    calls: Record<string, number>;
    units: Units;
    lambdaMs: number;
  };
  sweep: { calls: Record<string, number>; units: Units; lambdaMs: number };
  months: { pipelines: number; parts: Record<string, number>; total: number }[];
};

export async function measureCost(): Promise<Cost> {
  const hub = await startHub();
  const stack = await startLocalStack({
    chain: { image: "acme/chain", confirm: "webhook", sequence: ["a", "b", "c"] },
    five: {
      image: "acme/five",
      confirm: "webhook",
      delay: "1s",
      schedule: { every: "24h" },
      sequence: [...steps],
    },
  });
  stack.parameters.parameters
    .set("/Tagrelay/TAGRELAY_WEBHOOK_SECRET", secret)
    .set("/Tagrelay/ACME_FIVE_TRIGGER", `${hub.origin}/trigger/`)
    .set("/Tagrelay/ACME_CHAIN_TRIGGER", `${hub.origin}/trigger/`);
  try {
    return await measure(stack);
  } finally {
    await stack.stop();
    await hub.close();
  }
}

async function measure(stack: LocalStack): Promise<Cost> {
  const webhooks: Cost["webhooks"] = [];
  for (const [what, tag, given] of [
    ["a push that starts a run", "a", secret],
    ["a push that advances a run", "b", secret],
    ["the same push again", "b", secret],
    ["an image of no pipeline", "unknown", secret],
    ["a wrong secret", "b", "wrong"],
  ] as const) {
    const { calls, units } = await count(stack, () => push(stack, "acme/chain", tag, given));
    webhooks.push({ what, calls: calls.filter((call) => call.startsWith("dynamodb:")), units });
  }
  // The second run archives the first.
  await runOnce(stack, "2026-11-20T03:00:00Z");
  const run = await runOnce(stack, "2026-11-21T03:00:00Z");
  const sweep = await count(stack, () => stack.turn('"sweep"'));
  const counted = {
    run: { ...run, calls: tally(run.calls) },
    sweep: {
      calls: tally(sweep.calls),
      units: { read: queryUnits * sweep.calls.length, write: 0 },
      lambdaMs: sweep.ms,
    },
  };
  return { webhooks, ...counted, months: [1, 100, 10_000].map((pipelines) => monthOf(pipelines, counted)) };
}

async function count(stack: LocalStack, work: () => Promise<unknown>) {
  const { calls, units } = stack.services;
  const before = { calls: calls.length, ...units };
  const at = performance.now();
  await work();
  const ms = performance.now() - at;
  return {
    calls: calls.slice(before.calls),
    units: { read: units.read - before.read, write: units.write - before.write },
    ms,
  };
}

/** A run of five steps; the sweep triggers each after its delay. Idle sweeps are not part of the run's cost. */
async function runOnce(stack: LocalStack, scheduledFor: string) {
  const webhookMs: number[] = [];
  const turnMs: number[] = [];
  const all: { calls: string[]; units: Units }[] = [];
  const note = async (ms: number[], work: () => Promise<unknown>) => {
    const counted = await count(stack, work);
    ms.push(counted.ms);
    all.push(counted);
  };
  await note(turnMs, () => stack.turn('"start":"five"', scheduledFor));
  for (const tag of steps) {
    await note(webhookMs, () => push(stack, "acme/five", tag, secret));
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    if (tag !== "v5") await note(turnMs, () => stack.turn('"sweep"'));
  }
  // Sweeps run every minute anyway, so their queries count as sweep costs.
  const calls = all.flatMap((one) => one.calls).filter((call) => call !== query);
  return {
    webhooks: webhookMs.length,
    turns: turnMs.length,
    calls,
    units: {
      read: all.reduce((sum, { units }) => sum + units.read, 0),
      write: all.reduce((sum, { units }) => sum + units.write, 0),
    },
    lambdaMs: median(webhookMs) * webhookMs.length + median(turnMs) * turnMs.length,
  };
}

const query = "dynamodb:Query";
/** An eventually consistent query costs half a unit even if it finds nothing; AWS's engine reports none for that. */
const queryUnits = 0.5;

function push(stack: LocalStack, repository: string, tag: string, given: string) {
  return stack.request("POST", `/hooks/dockerhub/${given}`, {
    headers: { "content-type": "application/json" },
    body: pushWebhook(repository, tag),
  });
}

function tally(calls: readonly string[]): Record<string, number> {
  const tallied: Record<string, number> = {};
  for (const call of calls) tallied[call] = (tallied[call] ?? 0) + 1;
  return tallied;
}

function monthOf(pipelines: number, { run, sweep }: Pick<Cost, "run" | "sweep">): Cost["months"][number] {
  const runs = pipelines * runsAMonth;
  const lambda = (calls: number, ms: number) =>
    calls * prices.call + (ms / 1_000) * gigabytes * prices.gigabyteSecond;
  const calls = runs + sweepsAMonth;
  const parts = {
    alarms: alarms * prices.alarm + metrics * prices.metric,
    sweeps:
      lambda(sweepsAMonth, sweep.lambdaMs * sweepsAMonth) + sweep.units.read * sweepsAMonth * prices.readUnit,
    store: runs * (run.units.write * prices.writeUnit + run.units.read * prices.readUnit),
    functions:
      lambda(runs * (run.webhooks + 1), runs * run.lambdaMs) + runs * run.webhooks * prices.httpRequest,
    scheduler: Math.max(0, calls - prices.schedulerCallsFree) * prices.schedulerCall,
  };
  return { pipelines, parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}

/** What a month would cost if DynamoDB took one unit for each write. */
function floorOf(month: Cost["months"][number] | undefined, { units, calls }: Cost["run"]): number {
  if (month === undefined) return Number.NaN;
  const saved = units.write - (calls["dynamodb:PutItem"] ?? 0);
  return month.total - month.pipelines * runsAMonth * saved * prices.writeUnit;
}

export function reportCost({ webhooks, run, sweep, months }: Cost): Section {
  const named = (calls: readonly string[]) =>
    calls.length === 0 ? "none" : calls.map((call) => call.replace("dynamodb:", "")).join(", ");
  const tallied = (calls: Record<string, number>) =>
    Object.entries(calls)
      .map(([call, times]) => `${times} ${call.replace("dynamodb:", "")}`)
      .join(", ");
  const dollars = (amount: number) =>
    amount === 0 ? "$0" : `$${amount < 0.995 ? amount.toPrecision(2) : amount.toFixed(2)}`;
  const part = (what: string, name: string) => [
    what,
    ...months.map(({ parts }) => dollars(parts[name] ?? 0)),
  ];
  const webhookRequests = (months.at(-1)?.pipelines ?? 0) * runsAMonth * run.webhooks * prices.httpRequest;
  const readsOf = (index: number) => webhooks[index]?.calls.length ?? Number.NaN;
  return {
    title: "Cost",
    about: `Measured with the deployed bundles, AWS's own runtime client and AWS's own engine, with \`confirm: webhook\` and
without account limits. A run has five steps and is started by its schedule; the sweep triggers the last four when their delay
is over. That makes ${run.webhooks} webhooks and ${run.turns} calls of the schedule function, together ${ms(run.lambdaMs)} of warm
functions on this machine. A sweep that finds nothing due takes ${ms(sweep.lambdaMs)}.

The month has 30 days, and each pipeline has one run of five steps a day. List prices in US East (N. Virginia) as of ${prices.asOf}:
$${figure(prices.writeUnit * 1e6)} for a million write units, $${figure(prices.readUnit * 1e6)} for a million read units,
$${(prices.call * 1e6).toFixed(2)} for a million function calls and $${prices.gigabyteSecond.toFixed(10)} for a GB-second on
Arm, $${(prices.httpRequest * 1e6).toFixed(2)} for a million requests of the HTTP API, $${prices.alarm.toFixed(2)} for an alarm and
$${prices.metric.toFixed(2)} for a metric. Free tiers are left out, except EventBridge Scheduler's 14 million calls. Logs,
backups and storage are left out, too; docs/deploy.md estimates them.

A run writes ${run.calls["dynamodb:PutItem"]} items, each smaller than a kilobyte: one archives the run before; two for each trigger,
before and after it is sent; and one for each push, which makes the next step due or ends the run. None can be left out: what is not
written before a trigger is sent could be sent twice after a crash, and what is not written after it would be asked for again. The
other units are entries of the indexes by which the sweep finds the pipeline. With one unit for each of these items and none for the indexes, a
month of 10,000 pipelines would still cost ${dollars(floorOf(months.at(-1), run))}: ${dollars(webhookRequests)} of it are requests of
the HTTP API, and ${dollars(months[0]?.parts.alarms ?? 0)} the alarms and metrics, which are the same for any number of pipelines.`,
    tables: [
      {
        heads: ["a webhook", "requests to DynamoDB", "read units", "write units"],
        rows: webhooks.map(({ what, calls, units }) => [
          what,
          named(calls),
          figure(units.read),
          figure(units.write),
        ]),
      },
      {
        heads: ["", "requests", "read units", "write units"],
        rows: [
          ["a run of five steps", tallied(run.calls), figure(run.units.read), figure(run.units.write)],
          ["a sweep that finds nothing", tallied(sweep.calls), figure(sweep.units.read), "0"],
        ],
      },
      {
        heads: [
          "a month of",
          ...months.map(({ pipelines }) => `${counted(pipelines)} pipeline${pipelines === 1 ? "" : "s"}`),
        ],
        rows: [
          part("alarms (10) and metrics (4)", "alarms"),
          part("sweeps, every minute", "sweeps"),
          part("runs: DynamoDB", "store"),
          part("runs: functions and HTTP API", "functions"),
          part("schedules", "scheduler"),
          ["**total**", ...months.map(({ total }) => `**${dollars(total)}**`)],
        ],
      },
    ],
    ratios: [
      {
        what: "requests to DynamoDB, a push that advances a run (1 read, 2 writes)",
        value: readsOf(1),
        target: atMost(3),
      },
      {
        what: "requests to DynamoDB, the same push again (1 read)",
        value: readsOf(2),
        target: atMost(1),
      },
      { what: "write units of DynamoDB, a run of five steps", value: run.units.write, target: atMost(30) },
      {
        what: "dollars for a month of 10,000 pipelines",
        value: months.at(-1)?.total ?? Number.NaN,
        target: atMost(8),
      },
      { what: "requests to DynamoDB, an image of no pipeline", value: readsOf(3), target: atMost(0) },
      { what: "requests to DynamoDB, a wrong secret", value: readsOf(4), target: atMost(0) },
    ],
  };
}
