// How long a function takes that has to be started first: from the start of the process, under AWS's own runtime client,
// to its first answer, and to the first trigger that it sends; and where that time goes.
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

const ask = gatewayEvent("GET", "/healthz");
export const push = gatewayEvent("POST", `/hooks/dockerhub/${webhookSecret}`, {
  headers: { "content-type": "application/json" },
  body: pushWebhook(repository(0), "v1"),
});
const turn = { start: chainName(0), scheduledFor: new Date(0).toISOString() };

type Start = { bundle: Bundled; event: unknown; triggers: boolean; before?: () => Promise<void> };
type Name = "answers" | "oneCall" | "plain" | "webhookAnswer" | "webhook" | "schedule";

export type ColdStart = {
  /** To the first answer, or where it triggers, to the first trigger. */
  ms: Record<Name, number>;
  bytes: Record<Name, number>;
  /** Without a runtime client: loading the bundle, and the first webhook. */
  loadMs: Record<"plain" | "webhook", number>;
  firstMs: Record<"plain" | "webhook", number>;
  /** Of a profile, which takes longer than what it looks at. */
  modules: { name: string; ms: number }[];
};

export async function measureColdStart(): Promise<ColdStart> {
  const services = await startServices();
  const webhook = bundleOurs("webhook");
  const schedule = bundleOurs("schedule");
  const plain = await bundleOther("plain");
  const all = new Map<Name, Start>([
    ["answers", { bundle: await bundleOther("answers-200"), event: ask, triggers: false }],
    ["oneCall", { bundle: await bundleOther("one-call"), event: ask, triggers: false }],
    ["plain", { bundle: plain, event: push, triggers: true }],
    ["webhookAnswer", { bundle: webhook, event: ask, triggers: false }],
    ["webhook", { bundle: webhook, event: push, triggers: true, before: services.putBack }],
    ["schedule", { bundle: schedule, event: turn, triggers: true, before: services.empty }],
  ]);
  const of = await takeTurns(all, starts, async (start, name) => [await startOnce(services, name, start)]);
  const { loadMs, firstMs } = await measureLoads(services, { plain, webhook });
  const modules = await measureModules(services, webhook);
  for (const { bundle } of all.values()) bundle.remove();
  await services.stop();
  const forAll = (tell: (name: Name) => number) => ({
    answers: tell("answers"),
    oneCall: tell("oneCall"),
    plain: tell("plain"),
    webhookAnswer: tell("webhookAnswer"),
    webhook: tell("webhook"),
    schedule: tell("schedule"),
  });
  const bytes = forAll((name) => all.get(name)?.bundle.bytes ?? 0);
  return { ms: forAll((name) => median(of(name))), bytes, loadMs, firstMs, modules };
}

async function startOnce({ hub, environment }: Services, name: Name, start: Start): Promise<number> {
  await start.before?.();
  const sent = hub.triggers.length;
  const code = start.bundle.directory;
  const at = performance.now();
  const lambda = await startLambda(
    { id: "Benchmark", code, handler: "index.handler", environment: {}, timeoutMs: 30_000 },
    environment,
  );
  const invocation = await lambda.invoke(start.event);
  const answeredAt = performance.now();
  const output = lambda.output();
  await lambda.kill();
  const trigger = hub.triggers[sent];
  if (invocation.kind === "failed" || start.triggers !== (trigger !== undefined)) {
    throw new Error(`expected ${name} to do as asked, found ${JSON.stringify(invocation)} ${output}`);
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
    about: `From the start of the process, under AWS's own runtime client (\`aws-lambda-ric\`), to the first answer or to the
first trigger that Docker Hub gets; the median of ${starts}. DynamoDB, SSM and Docker Hub are servers on the same machine, so
that there is no network in it. *Plain* is the plain way of doing the same: the SDK's clients for DynamoDB and SSM, the
built-in fetch, and no checks. Of a webhook that comes to a function that is warm, nothing of this is left.

What the profile shows is the load of the bundle and the first webhook without a runtime client, by what called for it;
the profile itself makes all of it slower (without it, load and first webhook take ${ms(loadMs.webhook)} and
${ms(firstMs.webhook)}, in the plain way ${ms(loadMs.plain)} and ${ms(firstMs.plain)}). Under *Node itself* is the start
of the process, and the compilation of the bundle.`,
    tables: [
      {
        heads: ["function", "bundle", "took", "to", "beside plain", "beside one call"],
        rows: [
          row("answers 200, nothing else", "answers", "first answer"),
          row("DynamoDB's client, one call", "oneCall", "first answer"),
          row("plain", "plain", "first trigger"),
          row("**webhook**, asked whether it is there", "webhookAnswer", "first answer"),
          row("**webhook**, a push that advances a run", "webhook", "first trigger"),
          row("**schedule**, a run to start", "schedule", "first trigger"),
        ],
      },
      {
        heads: ["module", "of the profile"],
        rows: modules.filter(({ ms }) => ms >= 0.5).map(({ name, ms: one }) => [name, ms(one)]),
      },
    ],
    ratios: [
      {
        what: "cold start to trigger, beside the plain way",
        value: took.webhook / took.plain,
        target: atMost(1),
      },
      {
        what: "cold start to trigger, beside one call of DynamoDB's client",
        value: took.webhook / took.oneCall,
        target: atMost(1.6),
      },
      { what: "webhook bundle, beside 600 KB", value: bytes.webhook / 600_000, target: atMost(1) },
    ],
  };
}
