// Makes pipelines of a tagrelay.yaml document, or tells all that is wrong with it at once.
import { configGrammar, type PipelineDocument, pipelineGrammar } from "./config.ts";
import { parseCron } from "./cron.ts";
import { didYouMean } from "./did-you-mean.ts";
import { parseDuration } from "./duration.ts";
import { expected, type Problem, problemsOf, wordIssue } from "./expectation.ts";
import { order } from "./graph.ts";
import { type Image, imageName, normalizeRepository, parseImage, repositoryProblem } from "./image.ts";
import type { Config, Pipeline, Schedule, Step } from "./pipeline.ts";
import { instantOf } from "./schedule.ts";

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], file: string | null = null) {
    const lines = problems.map(({ path, message }) =>
      [file, showPath(path), message].filter(Boolean).join(": "),
    );
    super(lines.join("\n"));
    this.problems = problems;
  }

  in(file: string): ConfigError {
    return new ConfigError(this.problems, file);
  }
}

export function compileConfig(document: unknown): Config {
  const problems: Problem[] = protoKeys(document);
  const parsed = configGrammar.safeParse(document, {
    error: wordIssue,
    reportInput: true,
  });
  if (!parsed.success) problems.push(...problemsOf(parsed.error));

  const pipelines: Pipeline[] = [];
  for (const [name, entry] of pipelineEntries(document)) {
    // What is wrong with its form is reported already; what has the right form is looked at on its own.
    const pipeline = pipelineGrammar.safeParse(entry);
    if (pipeline.success) pipelines.push(compilePipeline(name, pipeline.data, problems));
  }
  if (parsed.success && pipelines.length === 0) {
    problems.push({
      path: ["pipelines"],
      message: "expected at least one pipeline, found none",
    });
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return { pipelines, historyMs: parseDuration(parsed.data.history ?? "90d") };
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

type Report = (path: readonly PropertyKey[], message: string) => void;
type Draft = {
  name: string;
  image: Image;
  after: string[];
  path: PropertyKey[];
  own: OwnSettings;
};
type OwnSettings = Pick<PipelineDocument, "trigger" | "delay" | "timeout" | "retries">;

function compilePipeline(name: string, document: PipelineDocument, problems: Problem[]): Pipeline {
  const report: Report = (path, message) => problems.push({ path: ["pipelines", name, ...path], message });

  if (document.image !== undefined) {
    const problem = repositoryProblem(document.image);
    if (problem !== null) report(["image"], problem);
  }
  const drafts = draftSteps(document, report);
  reportRepeatedImages(drafts, report);
  return {
    name,
    steps: orderSteps(drafts, report).map((draft) => finishStep(draft, document)),
    schedule: document.schedule === undefined ? null : compileSchedule(document.schedule, report),
    overlap: document.overlap ?? "skip",
    onPush: document.onPush ?? "propagate",
  };
}

function draftSteps(document: PipelineDocument, report: Report): Draft[] {
  if ((document.sequence === undefined) === (document.steps === undefined)) {
    const found = document.sequence === undefined ? "neither" : "both";
    report([], `expected either "sequence" or "steps", found ${found}`);
    return [];
  }
  const repository = document.image === undefined ? null : normalizeRepository(document.image);
  return document.sequence === undefined
    ? draftGraph(document.steps ?? {}, repository, report)
    : draftSequence(document.sequence, repository, report);
}

function draftSequence(
  sequence: NonNullable<PipelineDocument["sequence"]>,
  repository: string | null,
  report: Report,
): Draft[] {
  const drafts: Draft[] = [];
  let before: string[] = [];
  for (const [index, entry] of sequence.entries()) {
    const stage = typeof entry === "string" ? [entry] : entry;
    for (const [place, name] of stage.entries()) {
      const path = ["sequence", index, ...(typeof entry === "string" ? [] : [place])];
      const image = readImage(name, repository, path, report);
      if (image !== null) drafts.push({ name, image, after: before, path, own: {} });
    }
    before = stage;
  }
  return drafts;
}

function draftGraph(
  steps: NonNullable<PipelineDocument["steps"]>,
  repository: string | null,
  report: Report,
): Draft[] {
  const entries = Object.entries(steps);
  if (entries.length === 0) report(["steps"], "expected at least one step, found none");
  const names = entries.map(([name]) => name);
  return entries.flatMap(([name, step]) => {
    const path = ["steps", name];
    if (!/^[\w][\w.:/-]{0,199}$/.test(name)) {
      report(path, expected("a step's name of letters, digits, dots, dashes and underscores", name));
    }
    const after = step.after === undefined ? [] : [step.after].flat();
    for (const other of after) {
      if (!names.includes(other)) {
        const hint = didYouMean(
          other,
          names.filter((known) => known !== name),
        );
        report(
          [...path, "after"],
          `step ${JSON.stringify(name)} comes after unknown step ${JSON.stringify(other)}${hint}`,
        );
      }
    }
    const image = readImage(step.image, repository, [...path, "image"], report);
    return image === null ? [] : [{ name, image, after: [...new Set(after)], path, own: step }];
  });
}

function readImage(
  text: string,
  repository: string | null,
  path: PropertyKey[],
  report: Report,
): Image | null {
  const parsed = parseImage(text, repository);
  if (parsed.kind === "image") return parsed.image;
  report(path, parsed.problem);
  return null;
}

/** A webhook names an image and nothing else, so an image stands for one step of a pipeline. */
function reportRepeatedImages(drafts: readonly Draft[], report: Report): void {
  const seen = new Map<string, string>();
  for (const { name, image, path } of drafts) {
    const key = imageName(image);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, name);
    else
      report(
        path,
        `expected each image once in a pipeline, found ${key} twice (first as step ${JSON.stringify(first)})`,
      );
  }
}

function orderSteps(drafts: readonly Draft[], report: Report): Draft[] {
  const ordered = order(drafts);
  if (ordered.kind === "ordered") return ordered.nodes;
  const circle = ordered.names
    .toReversed()
    .map((name) => JSON.stringify(name))
    .join(" → ");
  report(["steps"], `expected steps in an order, found a circle: ${circle}`);
  return [];
}

function finishStep({ name, image, after, own }: Draft, document: PipelineDocument): Step {
  return {
    name,
    image,
    after,
    trigger: own.trigger ?? document.trigger ?? { dockerhub: { secret: defaultSecretName(image) } },
    delayMs: parseDuration(own.delay ?? document.delay ?? "0s"),
    timeoutMs: parseDuration(own.timeout ?? document.timeout ?? "5h"),
    retries: own.retries ?? document.retries ?? 1,
  };
}

/** `selenium/node-base` → `SELENIUM_NODE_BASE_TRIGGER`. */
export function defaultSecretName(image: Image): string {
  return `${image.repository.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}_TRIGGER`.replace(/^(?=\d)/, "_");
}

function compileSchedule(
  document: NonNullable<PipelineDocument["schedule"]>,
  report: Report,
): Schedule | null {
  if ("every" in document) return { kind: "every", everyMs: parseDuration(document.every) };
  const timezone = document.timezone ?? "UTC";
  if (!isTimezone(timezone)) {
    const hint = didYouMean(timezone, Intl.supportedValuesOf("timeZone"));
    report(
      ["schedule", "timezone"],
      `${expected("a time zone such as Europe/Paris or UTC", timezone)}${hint}`,
    );
    return null;
  }
  if ("cron" in document) {
    const parsed = parseCron(document.cron);
    if (parsed.kind === "cron") return { kind: "cron", expression: document.cron.trim(), timezone };
    report(["schedule", "cron"], parsed.problem);
    return null;
  }
  const startAt = isRealTime(document.at) ? instantOf(document.at, timezone) : null;
  if (startAt !== null) return { kind: "at", local: document.at, timezone, startAt };
  report(["schedule", "at"], expected("a local time that exists, such as 2026-12-24T03:00:00", document.at));
  return null;
}

function isTimezone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: timezone }) !== null;
  } catch {
    return false;
  }
}

/** Refuses the thirtieth of February, which `Date` would take for the second of March. */
function isRealTime(local: string): boolean {
  const time = new Date(`${local.length === 16 ? `${local}:00` : local}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(local);
}

function showPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      return index === 0 ? String(key) : `.${String(key)}`;
    })
    .join("");
}
