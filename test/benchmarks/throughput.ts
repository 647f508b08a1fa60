// How many webhooks are done in a second by 32 connections, each of which sends the next as soon as it is answered; and
// that none is lost: each that was accepted has triggered once, and nothing else has.
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { type Hub, startHub } from "./hub.ts";
import { atLeast, count, type Section, type Target, times } from "./section.ts";
import { median } from "./statistics.ts";
import {
  chainName,
  push,
  repository,
  type Subject,
  start,
  startLimit,
  startSleeper,
  startTagrelay,
  steps,
  type Told,
} from "./subject.ts";
import { takeTurns } from "./take-turns.ts";

const connections = 32;
const chains = 160;
const rounds = 8;

type Name = "limit" | "embeddedLimit" | "webhook" | "auto" | "sleeper";
export type Throughputs = Partial<Record<Name, Throughput>>;
export type Throughput = {
  perSecond: number;
  sent: number;
  accepted: number;
  triggered: number;
  refused: number;
};

/** Whom it is measured with; the predecessor's way is left out where there is no Python. */
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

/** A run of each chain: all the pushes of a step, then all those of the next. */
async function measureRound(hub: Hub, subject: Subject): Promise<Throughput> {
  const pool = new Pool(subject.origin, { connections });
  if (subject.isTagrelay) await sendAll((index) => start(pool, chainName(index)));
  const before = hub.triggers.length;
  const told: Told[] = [];
  const beganAt = performance.now();
  for (const tag of steps.slice(0, -1)) {
    told.push(...(await sendAll((index) => push(pool, repository(index), tag))));
  }
  const tookMs = performance.now() - beganAt;
  const accepted = told.filter(({ status, outcome }) => status === 200 && outcome === "advanced").length;
  // A program that answers before it triggers has some still to send.
  for (let tries = 0; tries < 100 && hub.triggers.length - before < accepted; tries += 1) await sleep(20);
  const triggers = hub.triggers.slice(before);
  if (subject.isTagrelay) {
    if (new Set(triggers.map(({ what }) => what)).size !== triggers.length) {
      throw new Error("expected each step to be triggered once");
    }
    await sendAll((index) => push(pool, repository(index), "v5"));
  }
  await pool.close();
  return {
    perSecond: (told.length / tookMs) * 1_000,
    sent: told.length,
    accepted,
    triggered: triggers.length,
    refused: told.filter(({ status }) => status === 503).length,
  };
}

async function sendAll(send: (index: number) => Promise<Told>): Promise<Told[]> {
  const told: Told[] = [];
  let next = 0;
  const client = async () => {
    for (let index = next++; index < chains; index = next++) told.push(await send(index));
  };
  await Promise.all(Array.from({ length: connections }, client));
  return told;
}

export function tellThroughput(all: Throughputs): Section {
  const perSecond = (name: Name) => all[name]?.perSecond ?? Number.NaN;
  const row = (what: string, name: Name) => {
    const one = all[name];
    if (one === undefined) return [what, "not measured: no Python", "", "", "", ""];
    const { accepted, triggered, refused } = one;
    return [
      what,
      count(Math.round(one.perSecond)),
      ...[accepted, triggered, refused].map(count),
      times(one.perSecond / perSecond("limit")),
    ];
  };
  const ratio = (what: string, name: Name, limit: Name, target: Target | null) => ({
    what: `webhooks a second, ${what}`,
    value: perSecond(name) / perSecond(limit),
    target,
  });
  return {
    title: "Throughput",
    about: `Webhooks that each start a build, by ${connections} connections, each of which sends the next as soon as it is answered.
Each that was accepted has triggered, once. The predecessor's way (\`test/benchmarks/beside/sleeping_threads.py\`) believes every
webhook, answers before it triggers, and keeps nothing: a thread for each trigger, here without the sleep. To put another
program beside these, start it in \`test/benchmarks/subject.ts\` as that one is: it takes
\`POST /hooks/dockerhub/{secret}\`, asks the hub that it is given for a build by a POST with \`docker_tag\`, and prints where it
listens.`,
    tables: [
      {
        heads: ["program", "a second", "accepted", "triggered", "refused", "beside the limit"],
        rows: [
          row("the limit", "limit"),
          row("the limit, engine in the process", "embeddedLimit"),
          row("**Tagrelay**, `confirm: webhook`", "webhook"),
          row("**Tagrelay**, `confirm: auto`", "auto"),
          row("the predecessor's way", "sleeper"),
        ],
      },
    ],
    ratios: [
      ratio("beside the limit", "webhook", "limit", atLeast(0.8)),
      ratio("with `confirm: auto`, beside the limit", "auto", "limit", atLeast(0.8)),
      ratio("beside the limit with its engine in the process", "webhook", "embeddedLimit", null),
    ],
  };
}
