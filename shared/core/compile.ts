// Makes pipelines of a tagrelay.yaml document, or tells all that is wrong with it at once.
import { compileChannels, compileNotify, subscriptionsOf } from "./compile-notify.ts";
import { compileSchedule } from "./compile-schedule.ts";
import { compileSource, compileUpstreamEvery, readUpstreams, reportOwnUpstreams } from "./compile-starts.ts";
import { configGrammar, type PipelineDocument, pipelineGrammar } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { type Draft, draftSteps, type Report, reportRepeatedImages } from "./draft-steps.ts";
import { parseDuration } from "./duration.ts";
import { type Problem, problemsOf, wordIssue } from "./expectation.ts";
import { type Accounts, accountsOf, findAccount, reportAccounts } from "./find-account.ts";
import { circleOf, order } from "./graph.ts";
import { type Image, repositoryProblem } from "./image.ts";
import { linkPipelines } from "./link-pipelines.ts";
import { type Config, mostParallel, type Pipeline, type Step, type Subscription } from "./pipeline.ts";

export function compileConfig(document: unknown): Config {
  const problems: Problem[] = protoKeys(document);
  const parsed = configGrammar.safeParse(document, {
    error: wordIssue,
    reportInput: true,
  });
  if (!parsed.success) problems.push(...problemsOf(parsed.error));

  const pipelines: Pipeline[] = [];
  const after = new Map<string, string[]>();
  const accounts = accountsOf(document);
  const subscriptions = subscriptionsOf(document);
  for (const [name, entry] of pipelineEntries(document)) {
    // What is wrong with its form is reported already; what has the right form is looked at on its own.
    const pipeline = pipelineGrammar.safeParse(entry);
    if (!pipeline.success) continue;
    pipelines.push(compilePipeline(name, pipeline.data, accounts, subscriptions, problems));
    after.set(name, [pipeline.data.after ?? []].flat());
  }
  if (parsed.success && pipelines.length === 0) {
    problems.push({
      path: ["pipelines"],
      message: "expected at least one pipeline, found none",
    });
  }
  const names = pipelineEntries(document).map(([name]) => name);
  const linked = linkPipelines(pipelines, names, after, problems);
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  const { channels, url, history, pages = null } = parsed.data;
  return {
    pipelines: linked,
    channels: compileChannels(channels),
    url: url?.replace(/\/+$/, "") ?? null,
    historyMs: parseDuration(history ?? "90d"),
    pages,
  };
}

/** zod passes over keys of this name, and what nobody reads must not look as if it were read. */
function protoKeys(value: unknown, path: PropertyKey[] = []): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === "__proto__") return { path: here, message: 'expected another name, found "__proto__"' };
    return protoKeys(inner, here);
  });
}

function pipelineEntries(document: unknown): [string, unknown][] {
  if (typeof document !== "object" || document === null || !("pipelines" in document)) return [];
  const { pipelines } = document;
  return typeof pipelines === "object" && pipelines !== null ? Object.entries(pipelines) : [];
}

function compilePipeline(
  name: string,
  document: PipelineDocument,
  accounts: Accounts,
  channels: readonly Subscription[],
  problems: Problem[],
): Pipeline {
  const report: Report = (path, message) => problems.push({ path: ["pipelines", name, ...path], message });

  if (document.image !== undefined) {
    const problem = repositoryProblem(document.image);
    if (problem !== null) report(["image"], problem);
  }
  const drafts = draftSteps(document, report);
  reportRepeatedImages(drafts, report);
  const upstreams = readUpstreams(document.upstream, ["upstream"], report);
  const steps = orderSteps(drafts, report).map((draft) =>
    finishStep(draft, document, accounts, upstreams, report),
  );
  reportAccounts(accounts, document, drafts, report);
  reportOwnUpstreams(drafts, steps, report);
  return {
    name,
    steps,
    schedule: document.schedule === undefined ? null : compileSchedule(document.schedule, report),
    after: [],
    followers: [],
    source: compileSource(document, drafts, report),
    upstreamEveryMs: compileUpstreamEvery(document, drafts, report),
    overlap: document.overlap ?? "skip",
    onPush: document.onPush ?? "propagate",
    maxParallel: document.maxParallel ?? mostParallel,
    notify: compileNotify(document, channels, report),
    stalledAfterMs: document.stalledAfter === undefined ? null : parseDuration(document.stalledAfter),
    confirm: document.confirm ?? "auto",
  };
}

function orderSteps(drafts: readonly Draft[], report: Report): Draft[] {
  const ordered = order(drafts);
  if (ordered.kind === "ordered") return ordered.nodes;
  report(["steps"], `expected steps in an order, found a circle: ${circleOf(ordered.names)}`);
  return [];
}

function finishStep(
  draft: Draft,
  document: PipelineDocument,
  accounts: Accounts,
  upstreams: string[],
  report: Report,
): Step {
  const { name, image, after, own, path } = draft;
  const trigger = own.trigger ?? document.trigger ?? { dockerhub: { secret: defaultSecretName(image) } };
  const ownUpstreams = readUpstreams(own.upstream, [...path, "upstream"], report);
  return {
    name,
    image,
    after,
    trigger,
    account: findAccount(accounts, draft, trigger, document.account),
    endedBy: "command" in trigger ? "builder" : "push",
    paths: [own.paths ?? []].flat(),
    upstreams: [...new Set([...(after.length === 0 ? upstreams : []), ...ownUpstreams])],
    delayMs: parseDuration(own.delay ?? document.delay ?? "0s"),
    timeoutMs: parseDuration(own.timeout ?? document.timeout ?? "5h"),
    retries: own.retries ?? document.retries ?? 1,
  };
}

/** `selenium/node-base` → `SELENIUM_NODE_BASE_TRIGGER`. */
export function defaultSecretName(image: Image): string {
  return `${image.repository.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}_TRIGGER`.replace(/^(?=\d)/, "_");
}
