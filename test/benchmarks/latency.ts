// Measures the time from a webhook to its trigger, one at a time.
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
  startLimit,
  startSeparateEngine,
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
  const engine = await startSeparateEngine();
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
    const answer = await push(client, repository(0), tag);
    const [trigger, ...more] = hub.triggers.slice(before);
    if (answer.outcome !== "advanced" || trigger === undefined || more.length > 0) {
      const found = `${answer.status} ${answer.outcome}, ${more.length} more`;
      throw new Error(`expected ${subject.name} to trigger once, found ${found}`);
    }
    took.push(trigger.at - at);
  }
  if (subject.isTagrelay) await push(client, repository(0), "v5");
  await client.close();
  return took;
}

export function reportLatency(latency: Latency): Section {
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
    about: `The time from a webhook to its trigger at Docker Hub, one at a time, ${count(rounds * 4)} of each in turn. The limit is
the smallest program that does this (\`test/benchmarks/limit/\`): \`node:http\`, one conditional write with AWS's client to the
engine that \`npm start\` embeds, and one POST. It reads nothing, keeps no history and checks nothing. With the engine in the same
process, as in \`npm start\`, it is even faster. Compared with that, Tagrelay writes the state of a whole run instead of one line, writes it
once more when the trigger is answered, and does everything else. With \`confirm: auto\`, it also sends a request to Docker Hub's tag API before each
trigger.

With \`--dynamodb-endpoint\`, the engine is a separate process for both, and each request to it takes longer than everything else.
Tagrelay makes one more request before it triggers: it must read the run to know the next step. It also writes twenty times as
much. The same holds on AWS: one read and one write of a few milliseconds each.`,
    tables: [
      {
        heads: [
          "program",
          "p50",
          "p95",
          "p99",
          "relative to the limit",
          "relative to the limit, engine in the process",
        ],
        rows: [
          row("the limit", latency.limit),
          row("the limit, engine in the process", latency.embeddedLimit),
          row("**Tagrelay**, `confirm: webhook`", latency.webhook),
          row("**Tagrelay**, `confirm: auto`", latency.auto),
          row("the limit, separate engine", latency.limitElsewhere),
          row("**Tagrelay**, separate engine", latency.webhookElsewhere),
        ],
      },
    ],
    ratios: [
      ratio("relative to the limit", latency.webhook, latency.limit, atMost(1.25)),
      ratio("with `confirm: auto`, relative to the limit", latency.auto, latency.limit, atMost(1.25)),
      ratio(
        "relative to the limit with its engine in the process",
        latency.webhook,
        latency.embeddedLimit,
        atMost(1.3),
      ),
      ratio(
        "with `confirm: auto`, relative to the limit with its engine in the process",
        latency.auto,
        latency.embeddedLimit,
        atMost(1.8),
      ),
      ratio(
        "relative to the limit, with a separate engine for both",
        latency.webhookElsewhere,
        latency.limitElsewhere,
        null,
      ),
    ],
  };
}
