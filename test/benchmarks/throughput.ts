// Measures webhooks per second over 32 connections that each send the next one as soon as they have an answer. Also checks
// that none is lost: each accepted webhook triggered exactly once.
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { startWebhookAndCurl } from "./alternatives/webhook-and-curl.ts";
import { type Hub, startHub } from "./hub.ts";
import { atLeast, count, type Section, type Target, times } from "./section.ts";
import { median } from "./statistics.ts";
import {
  chainName,
  type PushAnswer,
  push,
  repository,
  type Subject,
  start,
  startLimit,
  startSleeper,
  startTagrelay,
  steps,
} from "./subject.ts";
import { takeTurns } from "./take-turns.ts";

const connections = 32;
const chains = 160;
const rounds = 8;

type Name = "limit" | "embeddedLimit" | "webhook" | "auto" | "sleeper" | "curl";
export type Throughputs = Partial<Record<Name, Throughput>>;
export type Throughput = {
  perSecond: number;
  sent: number;
  accepted: number;
  triggered: number;
  refused: number;
};

/** Leaves out the alternatives that are not installed. */
export async function measureThroughput(): Promise<Throughputs> {
  const hub = await startHub();
  const subjects = new Map<Name, Subject>([
    ["limit", await startLimit(hub.origin, "served")],
    ["embeddedLimit", await startLimit(hub.origin, "embedded")],
    ["webhook", await startTagrelay(hub.origin, chains, "webhook")],
    ["auto", await startTagrelay(hub.origin, chains, "auto")],
  ]);
  const sleeper = await startSleeper(hub.origin);
  if (sleeper !== null) subjects.set("sleeper", sleeper);
  const curl = await startWebhookAndCurl(hub.origin);
  if (curl !== null) subjects.set("curl", curl);
  const counts = new Map<Name, Counts>();
  const of = await takeTurns(subjects, rounds, async (subject, name) => {
    const { perSecond, ...counted } = await measureRound(hub, subject);
    counts.set(name, add(counts.get(name) ?? none, counted));
    return [perSecond];
  });
  for (const subject of subjects.values()) await subject.stop();
  await hub.close();
  return Object.fromEntries(
    [...counts].map(([name, all]) => [name, { perSecond: median(of(name)), ...all }]),
  );
}

type Counts = Omit<Throughput, "perSecond">;
const none: Counts = { sent: 0, accepted: 0, triggered: 0, refused: 0 };

function add(a: Counts, b: Counts): Counts {
  return {
    sent: a.sent + b.sent,
    accepted: a.accepted + b.accepted,
    triggered: a.triggered + b.triggered,
    refused: a.refused + b.refused,
  };
}

/** One run of each chain: the pushes of all first steps, then those of all second steps, and so on. */
async function measureRound(hub: Hub, subject: Subject): Promise<Throughput> {
  const pool = new Pool(subject.origin, { connections });
  if (subject.isTagrelay) await sendAll((index) => start(pool, chainName(index)));
  const before = hub.triggers.length;
  const answers: PushAnswer[] = [];
  const beganAt = performance.now();
  for (const tag of steps.slice(0, -1)) {
    answers.push(...(await sendAll((index) => push(pool, repository(index), tag))));
  }
  const tookMs = performance.now() - beganAt;
  const accepted = answers.filter(({ status, outcome }) => status === 200 && outcome === "advanced").length;
  // A program that answers before it triggers may still be sending.
  for (let tries = 0; tries < 100 && hub.triggers.length - before < accepted; tries += 1) await sleep(20);
  const triggers = hub.triggers.slice(before);
  if (subject.isTagrelay) {
    if (new Set(triggers.map(({ what }) => what)).size !== triggers.length) {
      throw new Error("expected one trigger for each step, found more");
    }
    await sendAll((index) => push(pool, repository(index), "v5"));
  }
  await pool.close();
  return {
    perSecond: (answers.length / tookMs) * 1_000,
    sent: answers.length,
    accepted,
    triggered: triggers.length,
    refused: answers.filter(({ status }) => status === 503).length,
  };
}

async function sendAll(send: (index: number) => Promise<PushAnswer>): Promise<PushAnswer[]> {
  const answers: PushAnswer[] = [];
  let next = 0;
  const client = async () => {
    for (let index = next++; index < chains; index = next++) answers.push(await send(index));
  };
  await Promise.all(Array.from({ length: connections }, client));
  return answers;
}

export function reportThroughput(all: Throughputs): Section {
  const perSecond = (name: Name) => all[name]?.perSecond ?? Number.NaN;
  const row = (what: string, name: Name) => {
    const measured = all[name];
    if (measured === undefined) return [what, "not measured: not installed", "", "", "", ""];
    const { accepted, triggered, refused } = measured;
    return [
      what,
      count(Math.round(measured.perSecond)),
      ...[accepted, triggered, refused].map(count),
      times(measured.perSecond / perSecond("limit")),
    ];
  };
  const ratio = (what: string, name: Name, limit: Name, target: Target) => ({
    what: `webhooks per second, ${what}`,
    value: perSecond(name) / perSecond(limit),
    target,
  });
  return {
    title: "Throughput",
    about: `Webhooks that each start a build, over ${connections} connections that each send the next one as soon as they have an
answer. Each accepted webhook triggered exactly once. The predecessor (\`test/benchmarks/alternatives/sleeping_threads.py\`) believes
every webhook, answers before it triggers and stores nothing: it has one thread for each trigger, here without the sleep. adnanh/webhook
(\`test/benchmarks/alternatives/webhook-and-curl.ts\`) starts curl for each webhook, and checks and stores nothing either. To compare
another program, start it like the predecessor in \`test/benchmarks/subject.ts\`: it must accept \`POST /hooks/dockerhub/{secret}\`,
request a build from the given hub by a POST with \`docker_tag\`, and print where it listens.

Throughput and memory are at odds: a third of the processor time of a webhook is what V8 takes to keep the memory small (see Memory).
The rest is explained by the profile of a webhook.`,
    tables: [
      {
        heads: ["program", "per second", "accepted", "triggered", "refused", "relative to the limit"],
        rows: [
          row("the limit", "limit"),
          row("the limit, engine in the process", "embeddedLimit"),
          row("**Tagrelay**, `confirm: webhook`", "webhook"),
          row("**Tagrelay**, `confirm: auto`", "auto"),
          row("the predecessor", "sleeper"),
          row("adnanh/webhook with curl", "curl"),
        ],
      },
    ],
    ratios: [
      ratio("relative to the limit", "webhook", "limit", atLeast(0.8)),
      ratio("with `confirm: auto`, relative to the limit", "auto", "limit", atLeast(0.8)),
      ratio(
        "relative to the limit with its engine in the process",
        "webhook",
        "embeddedLimit",
        atLeast(0.75),
      ),
      ratio(
        "with `confirm: auto`, relative to the limit with its engine in the process",
        "auto",
        "embeddedLimit",
        atLeast(0.6),
      ),
    ],
  };
}
