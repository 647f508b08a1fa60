// Compiles a tagrelay.yaml document into pipelines, or reports everything that is wrong with it.
import * as z from "zod";
import { digestStepsOfTrigger, endOfTrigger } from "../builders/builders.ts";
import { usualPlatform } from "../evidence/stands-on.ts";
import { type Image, registryOf, repositoryProblem } from "../image/image.ts";
import { parseDuration } from "../pipeline/duration.ts";
import { formatCycle, order } from "../pipeline/graph.ts";
import {
  type Config,
  emptyPipeline,
  type Pipeline,
  type Step,
  type Subscription,
} from "../pipeline/pipeline.ts";
import { meantBy } from "../validation/did-you-mean.ts";
import { describeIssue, type Finding, findingsOf, type Problem } from "../validation/expectation.ts";
import { compileBuilds, reportBuilds } from "./compile-builds.ts";
import { compileGate } from "./compile-gate.ts";
import { compileIdentity } from "./compile-identity.ts";
import { compileChannels, compileNotify, readSubscriptions } from "./compile-notify.ts";
import { compileParameters, nameParameters, reportMissingDefaults } from "./compile-parameters.ts";
import { compileSchedule } from "./compile-schedule.ts";
import { compileSource } from "./compile-source.ts";
import { compileTags } from "./compile-tags.ts";
import { compileUpstreamEvery, compileUpstreams, reportUpstreamsThatAreSteps } from "./compile-upstreams.ts";
import { ConfigError } from "./config-error.ts";
import { draftSteps, reportRepeatedImages, reportRepeatedTags, type StepDraft } from "./draft-steps.ts";
import { expandMatrices, type Origins } from "./expand-matrices.ts";
import { type Accounts, findAccount, readAccounts, reportAccounts } from "./find-account.ts";
import { type ConfigDocument, configGrammar, pipelineName } from "./grammar.ts";
import { linkPipelines } from "./link-pipelines.ts";
import { isEntries } from "./map-texts.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import { placeProblems } from "./place-problems.ts";
import { readPipeline } from "./read-pipeline.ts";
import { type Path, type Report, reporter } from "./report.ts";
import { reportPromotion, reportUnusedTags } from "./report-promotion.ts";
import { reportSize } from "./report-size.ts";

const stepDefaults = { delay: "0s", timeout: "5h", retries: 1, verify: "auto" } as const;
const defaultHistory = "90d";

export function compileConfig(given: unknown): Config {
  const problems: Finding[] = findProtoKeys(given).map((problem) => ({ ...problem, unknownKey: null }));
  const origins: Origins = new Map();
  const document = nameParameters(expandMatrices(given, problems, origins));
  const parsed = frameGrammar.safeParse(document, { error: describeIssue, reportInput: true });
  const ofFrame = parsed.success ? [] : findingsOf(parsed.error);

  const pipelines: Pipeline[] = [];
  const after = new Map<string, string[]>();
  const waitFor = new Map<string, string[]>();
  const named = readNamed(document, ofFrame);
  const entries = pipelineEntries(document);
  for (const [name, entry] of entries) {
    const { document: read, findings, unread } = readPipeline(entry);
    const path = ["pipelines", name];
    problems.push(...findings.map((finding) => ({ ...finding, path: [...path, ...finding.path] })));
    if (read === null) continue;
    const report = reporter(unread, (place, message) => {
      problems.push({ path: [...path, ...place], message, unknownKey: null });
    });
    pipelines.push(compilePipeline(name, read, named, report));
    after.set(name, [read.after ?? []].flat());
    waitFor.set(name, [read.waitFor ?? []].flat());
  }
  problems.push(...ofFrame);
  if (parsed.success && entries.length === 0) {
    const message = "expected at least one pipeline, found none";
    problems.push({ path: ["pipelines"], message, unknownKey: null });
  }
  const names = entries.map(([name]) => name);
  const linked = linkPipelines(pipelines, names, { after, waitFor }, problems);
  const projects = { codebuild: (parsed.success ? parsed.data.codebuild : undefined) ?? {} };
  reportBuilds(projects, pipelines, (path, message) =>
    problems.push({ path: ["codebuild", ...path], message, unknownKey: null }),
  );
  if (problems.length > 0 || !parsed.success) throw new ConfigError(placeProblems(problems, origins));
  const { channels, registries, url, history, pages, metrics, builds } = parsed.data;
  const compiled = compileRegistries(registries);
  return {
    pipelines: linked,
    channels: compileChannels(channels),
    ...compiled,
    buildProjects: compileBuilds(projects, compiled.logins),
    url: url?.replace(/\/+$/, "") ?? null,
    historyMs: parseDuration(history ?? defaultHistory),
    pages: pages ?? null,
    metrics: metrics ?? "token",
    builds: builds ?? null,
  };
}

/** The grammar of all but the pipelines, which are read one by one. */
const frameGrammar = configGrammar.extend({ pipelines: z.record(pipelineName, z.unknown()) });

/** What pipelines name: null if it cannot be read. */
type Named = { accounts: Accounts | null; channels: readonly Subscription[] | null };

function readNamed(document: unknown, findings: readonly Finding[]): Named {
  const entries = isEntries(document) ? document : {};
  const isMisspelt = (key: string) =>
    findings.some(({ unknownKey, path }) => path.length === 0 && meantBy(unknownKey ?? "", [key]) !== null);
  return {
    accounts: isMisspelt("accounts") ? null : readAccounts(entries.accounts),
    channels: isMisspelt("channels") ? null : readSubscriptions(entries.channels),
  };
}

function compileRegistries(
  registries: ConfigDocument["registries"] = {},
): Pick<Config, "logins" | "webhookSecrets"> {
  const entries = Object.entries(registries).map(([host, settings]) => ({
    registry: registryOf(host),
    ...settings,
  }));
  return {
    logins: entries.flatMap(({ registry, login }) => (login === undefined ? [] : { registry, ...login })),
    webhookSecrets: entries.flatMap(({ registry, webhookSecret: secret }) =>
      secret === undefined ? [] : { registry, secret },
    ),
  };
}

/** zod drops keys with this name, so a setting would be lost without an error. */
function findProtoKeys(value: unknown, path: PropertyKey[] = []): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const innerPath = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === "__proto__") return { path: innerPath, message: 'expected another name, found "__proto__"' };
    return findProtoKeys(inner, innerPath);
  });
}

function pipelineEntries(document: unknown): [string, unknown][] {
  return isEntries(document) && isEntries(document.pipelines) ? Object.entries(document.pipelines) : [];
}

function compilePipeline(
  name: string,
  document: PipelineDocument,
  { accounts, channels }: Named,
  report: Report,
): Pipeline {
  const imageProblem = document.image === undefined ? null : repositoryProblem(document.image);
  if (imageProblem !== null) report(["image"], imageProblem);
  const parameters = compileParameters(document, report);
  reportMissingDefaults(document, parameters, report);
  const drafts = draftSteps(document, Object.keys(parameters), report);
  reportRepeatedImages(drafts, report);
  const upstreams = compileUpstreams(document.upstream, ["upstream"], report);
  const compiling = { document, parameters: Object.keys(parameters), accounts };
  const steps = orderSteps(drafts, report).map((draft) =>
    compileStep(draft, compiling, isFirst(draft, drafts) ? upstreams : [], report),
  );
  reportRepeatedTags(steps, report);
  reportSize({ steps, promotesTogether: document.promote === "together" }, report);
  if (document.confirm === "webhook" && steps.some(({ verify }) => verify === "required")) {
    report(
      ["confirm"],
      'expected "registry" or "auto" for "verify: required", which has to ask the registry, found webhook',
    );
  }
  const places = (step: string) => drafts.filter((draft) => draft.name === step).flatMap(triggerPlaces);
  if (document.promote === "together") reportPromotion({ steps }, places, report);
  else reportUnusedTags({ steps }, places, report);
  reportUnknownDigests(steps, drafts, report);
  reportAccounts(accounts, document, drafts, report);
  reportUpstreamsThatAreSteps(drafts, steps, report);

  const defaults = emptyPipeline(name);
  const { schedule, stalledAfter } = document;
  return {
    ...defaults,
    steps,
    parameters,
    schedule: schedule === undefined ? defaults.schedule : compileSchedule(schedule, report),
    source: compileSource(document, drafts, report),
    lookEveryMs: compileLook(document, steps, report),
    upstreamEveryMs: compileUpstreamEvery(document, drafts, defaults.upstreamEveryMs, report),
    upstreamPlatforms: document.upstreamPlatforms ?? defaults.upstreamPlatforms,
    overlap: document.overlap ?? defaults.overlap,
    rebuild: document.rebuild ?? defaults.rebuild,
    promotesTogether: document.promote === "together",
    onPush: document.onPush ?? defaults.onPush,
    maxParallel: document.maxParallel ?? defaults.maxParallel,
    notify: compileNotify(document, channels, report),
    stalledAfterMs: stalledAfter === undefined ? defaults.stalledAfterMs : parseDuration(stalledAfter),
    confirm: document.confirm === "hub" ? "registry" : (document.confirm ?? defaults.confirm),
  };
}

const minLookMs = 60_000;

function compileLook(
  { look, rebuild }: PipelineDocument,
  steps: readonly Step[],
  report: Report,
): number | null {
  const isWanted = rebuild === "stale" || steps.some(({ watch }) => watch);
  if (look === "off" || (look === undefined && !isWanted)) return null;
  const everyMs = parseDuration(look ?? "24h");
  if (everyMs < minLookMs) report(["look"], `expected at least 1m, found ${JSON.stringify(look)}`);
  return everyMs;
}

/** {digest:STEP} is known once the step was built, so it must be one that comes before. */
function reportUnknownDigests(steps: readonly Step[], drafts: readonly StepDraft[], report: Report): void {
  const before = new Map<string, Set<string>>();
  for (const { name, after, trigger } of steps) {
    const earlier = new Set(after.flatMap((other) => [other, ...(before.get(other) ?? [])]));
    before.set(name, earlier);
    const wrong = digestStepsOfTrigger(trigger).find((other) => !earlier.has(other));
    if (wrong === undefined) continue;
    const path = drafts.find((draft) => draft.name === name)?.path ?? ["steps", name];
    const known = earlier.size === 0 ? "it comes after no step" : `these are: ${[...earlier].join(", ")}`;
    const message = `expected {digest:STEP} to name a step that comes before, found "{digest:${wrong}}"; ${known}`;
    report([...path, "trigger"], message, [
      [...path, "after"],
      ...[...earlier].map((other) => ["steps", other, "after"]),
    ]);
  }
}

/** A step's own trigger, or else the pipeline's. */
function triggerPlaces({ path, settings }: StepDraft): Path[] {
  const own = [...path, "trigger"];
  return settings.trigger === undefined ? [own, ["trigger"]] : [own];
}

/** No image of the pipeline comes before it. */
function isFirst({ after }: StepDraft, drafts: readonly StepDraft[]): boolean {
  const before = drafts.filter(({ name }) => after.includes(name));
  return before.every((draft) => draft.image === null && isFirst(draft, drafts));
}

function orderSteps(drafts: readonly StepDraft[], report: Report): StepDraft[] {
  const ordered = order(drafts);
  if (ordered.kind === "ordered") return ordered.nodes;
  report(
    ["steps"],
    `expected steps that can be built in order, found a cycle: ${formatCycle(ordered.names)}`,
  );
  return [];
}

type Compiling = { document: PipelineDocument; parameters: readonly string[]; accounts: Accounts | null };

function compileStep(
  draft: StepDraft,
  { document: pipeline, parameters, accounts }: Compiling,
  pipelineUpstreams: readonly string[],
  report: Report,
): Step {
  const { name, image, after, settings, path } = draft;
  if (image === null) return compileGate(draft, pipeline, accounts, report);
  const trigger = settings.trigger ?? pipeline.trigger ?? defaultTrigger(image);
  const stepUpstreams = compileUpstreams(settings.upstream, [...path, "upstream"], report);
  return {
    name,
    image,
    tags: compileTags(draft, image, parameters, report),
    after,
    trigger,
    account: findAccount(accounts, draft, trigger, pipeline.account),
    endedBy: compileDone(settings.done ?? pipeline.done, trigger, draft, report),
    identity: compileIdentity(
      settings.identity ?? pipeline.identity,
      trigger,
      path,
      report,
      triggerPlaces(draft),
    ),
    verify: settings.verify ?? pipeline.verify ?? stepDefaults.verify,
    watch: settings.watch ?? pipeline.watch ?? false,
    platforms: (settings.platforms ?? pipeline.platforms ?? []).map(usualPlatform),
    paths: [settings.paths ?? []].flat(),
    upstreams: [...new Set([...pipelineUpstreams, ...stepUpstreams])],
    delayMs: parseDuration(settings.delay ?? pipeline.delay ?? stepDefaults.delay),
    timeoutMs: parseDuration(settings.timeout ?? pipeline.timeout ?? stepDefaults.timeout),
    retries: settings.retries ?? pipeline.retries ?? stepDefaults.retries,
  };
}

function compileDone(
  done: PipelineDocument["done"],
  trigger: Step["trigger"],
  draft: StepDraft,
  report: Report,
): Step["endedBy"] {
  if (done === undefined) return endOfTrigger(trigger);
  if (done === "built" && trigger.kind === "dockerhub") {
    const message = `expected a trigger whose job can report the end of a build (github, gitlab, codebuild, http or command) for "done: built", found ${trigger.kind}`;
    report([...draft.path, "done"], message, triggerPlaces(draft));
  }
  return done === "built" ? "builder" : "push";
}

function defaultTrigger(image: Image): Step["trigger"] {
  return { kind: "dockerhub", secret: defaultSecretName(image) };
}

/** `selenium/node-base` → `SELENIUM_NODE_BASE_TRIGGER`. */
export function defaultSecretName(image: Image): string {
  return `${image.repository.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}_TRIGGER`.replace(/^(?=\d)/, "_");
}
