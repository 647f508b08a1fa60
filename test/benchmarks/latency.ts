// How long it takes from a webhook in to its trigger out, one at a time.
import { Client } from "undici";
import { type Hub, startHub } from "./hub.ts";
import { atMost, count, ms, type Section, type Target, times } from "./section.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import {
  chainName,
  push,
  repository,
  type Subject,
  start,
  startEngineElsewhere,
  startLimit,
  startTagrelay,
  steps,
} from "./subject.ts";
import { takeTurns } from "./take-turns.ts";

const rounds = 150;

/**
 * The limit as anybody would write it, and with the engine in its own process; ours without and with a look-up; and both
 * with an engine that is elsewhere.
 */
export type Latency = Record<
  "limit" | "embeddedLimit" | "webhook" | "auto" | "limitElsewhere" | "webhookElsewhere",
  Spread
>;

export async function measureLatency(): Promise<Latency> {
  const hub = await startHub();
  const engine = await startEngineElsewhere();
  const endpoint = engine.origin;
  const subjects = new Map<keyof Latency, Subject>([
    ["limit", await startLimit(hub.origin, "served")],
    ["embeddedLimit", await startLimit(hub.origin, "embedded")],
    ["webhook", await startTagrelay(hub.origin, 1, "webhook")],
    ["auto", await startTagrelay(hub.origin, 1, "auto")],
    ["limitElsewhere", await startLimit(hub.origin, `http:${endpoint.slice("http:".length)}`)],
    ["webhookElsewhere", await startTagrelay(hub.origin, 1, "webhook", { endpoint })],
  ]);
  const of = await takeTurns(subjects, rounds, (subject) => measureRun(hub, subject));
  for (const subject of [...subjects.values(), engine]) await subject.stop();
  await hub.close();
  return {
    limit: spreadOf(of("limit")),
    embeddedLimit: spreadOf(of("embeddedLimit")),
    webhook: spreadOf(of("webhook")),
    auto: spreadOf(of("auto")),
    limitElsewhere: spreadOf(of("limitElsewhere")),
    webhookElsewhere: spreadOf(of("webhookElsewhere")),
  };
}

/** The steps of a run that trigger another one, each pushed as soon as the one before it is answered. */
export async function measureRun(hub: Hub, subject: Subject): Promise<number[]> {
  const client = new Client(subject.origin);
  // So that it is connected.
  if (subject.isTagrelay) await start(client, chainName(0));
  else await push(client, repository(0), "v0");
  const took: number[] = [];
  for (const tag of steps.slice(0, -1)) {
    const before = hub.triggers.length;
    const at = performance.now();
    const told = await push(client, repository(0), tag);
    const [trigger, ...more] = hub.triggers.slice(before);
    if (told.outcome !== "advanced" || trigger === undefined || more.length > 0) {
      const found = `${told.status} ${told.outcome}, ${more.length} more`;
      throw new Error(`expected ${subject.name} to trigger once, found ${found}`);
    }
    took.push(trigger.at - at);
  }
  if (subject.isTagrelay) await push(client, repository(0), "v5");
  await client.close();
  return took;
}

export function tellLatency(latency: Latency): Section {
  const row = (what: string, { p50, p95, p99 }: Spread) => [
    what,
    ...[ms(p50), ms(p95), ms(p99), times(p50 / latency.limit.p50), times(p50 / latency.embeddedLimit.p50)],
  ];
  const ratio = (what: string, { p50 }: Spread, limit: Spread, target: Target | null) => ({
    what: `webhook to trigger, p50, ${what}`,
    value: p50 / limit.p50,
    target,
  });
  return {
    title: "Latency",
    about: `From a webhook in to its trigger at Docker Hub, one at a time, ${count(rounds * 4)} of each in turn. The limit is the
least program that does this (\`test/benchmarks/limit/\`): \`node:http\`, one conditional write by AWS's client to the engine
that \`npm start\` embeds, one POST. It reads nothing, keeps nothing that could be asked for, and believes everybody. With the
engine in its own process, as \`npm start\` has it, it is faster still: what is between that and Tagrelay is a read, the state of
a whole run in place of a line, and all the rest that Tagrelay does. With \`confirm: auto\`, Docker Hub's tag API is asked
before each trigger: one request more.

With \`--dynamodb-endpoint\`, the engine is a process of its own for both, and each request to it takes longer than all
else. Tagrelay makes one more of them before it triggers, the read of what the run has come to, without which it would not know
what comes next; and what it writes is twenty times as long. On AWS it is the same: a read and a write, each of some
milliseconds.`,
    tables: [
      {
        heads: [
          "program",
          "p50",
          "p95",
          "p99",
          "beside the limit",
          "beside the limit, engine in the process",
        ],
        rows: [
          row("the limit", latency.limit),
          row("the limit, engine in the process", latency.embeddedLimit),
          row("**Tagrelay**, `confirm: webhook`", latency.webhook),
          row("**Tagrelay**, `confirm: auto`", latency.auto),
          row("the limit, engine elsewhere", latency.limitElsewhere),
          row("**Tagrelay**, engine elsewhere", latency.webhookElsewhere),
        ],
      },
    ],
    ratios: [
      ratio("beside the limit", latency.webhook, latency.limit, atMost(1.25)),
      ratio("with `confirm: auto`, beside the limit", latency.auto, latency.limit, atMost(1.25)),
      ratio("beside the limit with its engine in the process", latency.webhook, latency.embeddedLimit, null),
      ratio(
        "beside the limit, the engine elsewhere for both",
        latency.webhookElsewhere,
        latency.limitElsewhere,
        null,
      ),
    ],
  };
}
