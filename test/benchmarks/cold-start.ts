// Measures cold starts under AWS's own runtime client: the time from the start of the process to the first answer or to
// the first trigger, and what it is spent on.
import { startLambda } from "../aws/lambda.ts";
import { pushWebhook } from "../stand-ins/docker-hub.ts";
import { gatewayEvent } from "../stand-ins/gateway-event.ts";
import { webhookSecret } from "../stand-ins/program.ts";
import { type Bundled, bundleOther, bundleOurs } from "./bundles.ts";
import { loadAndPush, profileFirstWebhook } from "./modules.ts";
import { atMost, figure, ms, type Section, times } from "./section.ts";
import { type Services, startServices } from "./services.ts";
import { median } from "./statistics.ts";
import { chainName, repository } from "./subject.ts";
import { takeTurns } from "./take-turns.ts";

const starts = 24;
const loads = 16;
const profiles = 7;

const healthCheck = gatewayEvent("GET", "/healthz");
export const push = gatewayEvent("POST", `/hooks/dockerhub/${webhookSecret}`, {
  headers: { "content-type": "application/json" },
  body: pushWebhook(repository(0), "v1"),
});
export const scheduledStart = { start: chainName(0), scheduledFor: new Date(0).toISOString() };

export type Subject = { bundle: Bundled; event: unknown; triggers: boolean; before?: () => Promise<void> };
type Name = "answers" | "oneCall" | "plain" | "webhookAnswer" | "webhook" | "schedule";

export type ColdStart = {
  /** To the first trigger if it triggers, or else to the first answer. */
  ms: Record<Name, number>;
  bytes: Record<Name, number>;
  /** Without the runtime client: loading the bundle, and the first webhook. */
  loadMs: Record<"plain" | "webhook", number>;
  firstMs: Record<"plain" | "webhook", number>;
  /** From a profile, which slows everything down. */
  modules: { name: string; ms: number }[];
};

export async function measureColdStart(): Promise<ColdStart> {
  const services = await startServices();
  const webhook = bundleOurs("webhook");
  const schedule = bundleOurs("schedule");
  const plain = await bundleOther("plain");
  const all = new Map<Name, Subject>([
    ["answers", { bundle: await bundleOther("answers-200"), event: healthCheck, triggers: false }],
    ["oneCall", { bundle: await bundleOther("one-call"), event: healthCheck, triggers: false }],
    ["plain", { bundle: plain, event: push, triggers: true }],
    ["webhookAnswer", { bundle: webhook, event: healthCheck, triggers: false }],
    ["webhook", { bundle: webhook, event: push, triggers: true, before: services.putBack }],
    ["schedule", { bundle: schedule, event: scheduledStart, triggers: true, before: services.empty }],
  ]);
  const of = await takeTurns(all, starts, async (subject, name) => [
    await startOnce(services, name, subject),
  ]);
  const { loadMs, firstMs } = await measureLoads(services, { plain, webhook });
  const modules = await measureModules(services, webhook);
  for (const { bundle } of all.values()) bundle.remove();
  await services.stop();
  const forAll = (figureOf: (name: Name) => number) => ({
    answers: figureOf("answers"),
    oneCall: figureOf("oneCall"),
    plain: figureOf("plain"),
    webhookAnswer: figureOf("webhookAnswer"),
    webhook: figureOf("webhook"),
    schedule: figureOf("schedule"),
  });
  const bytes = forAll((name) => all.get(name)?.bundle.bytes ?? 0);
  return { ms: forAll((name) => median(of(name))), bytes, loadMs, firstMs, modules };
}

export async function startOnce(
  { hub, environment }: Services,
  name: string,
  subject: Subject,
): Promise<number> {
  await subject.before?.();
  const sent = hub.triggers.length;
  const code = subject.bundle.directory;
  const at = performance.now();
  const lambda = await startLambda(
    { id: "Benchmark", code, handler: "index.handler", environment: {}, timeoutMs: 30_000 },
    environment,
  );
  const invocation = await lambda.invoke(subject.event);
  const answeredAt = performance.now();
  const output = lambda.output();
  await lambda.kill();
  const trigger = hub.triggers[sent];
  if (invocation.kind === "failed" || subject.triggers !== (trigger !== undefined)) {
    throw new Error(
      `expected ${name} to ${subject.triggers ? "trigger" : "answer only"}, found ${JSON.stringify(invocation)} ${output}`,
    );
  }
  return (trigger?.at ?? answeredAt) - at;
}

async function measureLoads(
  { environment, putBack }: Services,
  { plain, webhook }: Record<"plain" | "webhook", Bundled>,
): Promise<Pick<ColdStart, "loadMs" | "firstMs">> {
  const firsts = { plain: [] as number[], webhook: [] as number[] };
  const subjects = new Map([
    ["plain", plain],
    ["webhook", webhook],
  ] as const);
  const of = await takeTurns(subjects, loads, async (bundle, name) => {
    await putBack();
    const { loadMs, firstMs } = await loadAndPush(bundle.directory, push, environment);
    firsts[name].push(firstMs);
    return [loadMs];
  });
  return {
    loadMs: { plain: median(of("plain")), webhook: median(of("webhook")) },
    firstMs: { plain: median(firsts.plain), webhook: median(firsts.webhook) },
  };
}

async function measureModules(
  { environment, putBack }: Services,
  { directory, sourceMap }: Bundled,
): Promise<ColdStart["modules"]> {
  const sums = new Map<string, number>();
  for (let times = 0; times < profiles; times += 1) {
    await putBack();
    const byModule = await profileFirstWebhook(directory, sourceMap ?? "", push, environment);
    for (const [name, ms] of byModule) sums.set(name, (sums.get(name) ?? 0) + ms);
  }
  return [...sums].map(([name, sum]) => ({ name, ms: sum / profiles })).sort((a, b) => b.ms - a.ms);
}

export function tellColdStart({ ms: took, bytes, loadMs, firstMs, modules }: ColdStart): Section {
  const row = (what: string, name: Name, to: string) => [
    what,
    `${figure(bytes[name] / 1_000)} KB`,
    ms(took[name]),
    to,
    times(took[name] / took.plain),
    times(took[name] / took.oneCall),
  ];
  return {
    title: "Cold start",
    about: `The time from the start of the process, under AWS's own runtime client (\`aws-lambda-ric\`), to the first answer or to
the first trigger that Docker Hub receives; the median of ${starts}. DynamoDB, SSM and Docker Hub are servers on the same
machine, so there is no network latency in it. *Plain* does the same in the plain way: the AWS SDK's clients for
DynamoDB and SSM, Node's fetch, and no checks. A warm function has none of this to do.

The profile covers loading the bundle and the first webhook without the runtime client, by module; profiling slows
everything down (without it, loading and the first webhook take ${ms(loadMs.webhook)} and ${ms(firstMs.webhook)}, and
${ms(loadMs.plain)} and ${ms(firstMs.plain)} in the plain way). *Node itself* includes the start of the process and the
compilation of the bundle.`,
    tables: [
      {
        heads: ["function", "bundle", "time", "to", "vs. plain", "vs. one call"],
        rows: [
          row("only answers 200", "answers", "first answer"),
          row("one DynamoDB request", "oneCall", "first answer"),
          row("plain", "plain", "first trigger"),
          row("**webhook**, a health check", "webhookAnswer", "first answer"),
          row("**webhook**, a push that advances a run", "webhook", "first trigger"),
          row("**schedule**, a start of a run", "schedule", "first trigger"),
        ],
      },
      {
        heads: ["module", "time in the profile"],
        rows: modules.filter(({ ms }) => ms >= 0.5).map(({ name, ms: one }) => [name, ms(one)]),
      },
    ],
    ratios: [
      {
        what: "cold start to trigger, vs. the plain way",
        value: took.webhook / took.plain,
        // The plain function loads Node's fetch and no undici, ours loads both: Hono needs the former, send.ts the latter.
        target: atMost(1.15),
      },
      {
        what: "cold start to trigger, vs. one DynamoDB request",
        value: took.webhook / took.oneCall,
        target: atMost(1.6),
      },
      { what: "webhook bundle, vs. 750 KB", value: bytes.webhook / 750_000, target: atMost(1) },
    ],
  };
}
