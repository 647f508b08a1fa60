// Imports a crontab that starts builds on Docker Hub: each line becomes a pipeline with a schedule.
import { defaultSecretName } from "../../../shared/config/compile.ts";
import { parseImage } from "../../../shared/image/image.ts";
import { parseCron } from "../../../shared/pipeline/cron.ts";
import { type BuildCall, buildCalls } from "./build-calls.ts";
import { type CrontabLine, readCrontab } from "./crontab-lines.ts";
import { joinDaylightSaving } from "./daylight-saving.ts";
import {
  freeName,
  ImportError,
  type Imported,
  type ImportedPipeline,
  type ImportedStep,
  type NamingOptions,
  type Note,
  note,
  pipelineName,
  reasonsIn,
} from "./imported.ts";
import { type LinePipeline, relatedLines } from "./related-lines.ts";

export function importCrontab(text: string, options: NamingOptions): Imported {
  const crontab = readCrontab(text);
  const { lines, notes } = joinDaylightSaving(crontab.lines);
  const { others, randomDelays } = crontab;
  const pipelines: LinePipeline[] = [];
  const names = new Set<string>();
  for (const line of lines) {
    const pipeline = readLine(line, options, names, notes);
    if (pipeline === null) continue;
    names.add(pipeline.name);
    pipelines.push(pipeline);
  }
  if (pipelines.length === 0) {
    throw new ImportError(
      `expected a crontab with lines such as "17 3 * * * dh-trigger acme base", or curl with a trigger URL, found none${reasonsIn(notes)}`,
    );
  }
  if (randomDelays.length > 0) {
    notes.push(
      note(
        `the random delay of ${randomDelays.join(", ")} was not imported: schedules start on time, at the earliest time`,
      ),
    );
  }
  if (others.length > 0) {
    const shown =
      others.length > 5 ? `${others.slice(0, 5).join(", ")}, … (${others.length} in all)` : others.join(", ");
    notes.push(note(`ignored lines that are not crontab entries: ${shown}`));
  }
  if (pipelines.some(({ schedule }) => schedule != null && !("timezone" in schedule))) {
    notes.push(
      note(
        "cron uses the time zone of its machine, Tagrelay UTC; add a timezone such as Europe/Paris to each schedule",
      ),
    );
  }
  return { pipelines, notes: [...notes, ...relatedLines(pipelines)] };
}

function readLine(
  found: CrontabLine,
  options: NamingOptions,
  names: ReadonlySet<string>,
  notes: Note[],
): LinePipeline | null {
  const calls = buildCalls(found.command);
  if (calls.length === 0) return null;
  const remarks: string[] = [];
  const steps: ImportedStep[] = [];
  let after: string[] = [];
  for (const call of calls) {
    const started = stepsOf(call, found, options, remarks).filter(({ image }) =>
      steps.every((step) => step.image !== image),
    );
    if (started.length === 0) continue;
    steps.push(...started.map((step) => ({ ...step, after })));
    after = started.map(({ name }) => name);
  }
  const [first] = steps;
  if (first === undefined) {
    notes.push(...remarks.map((text) => note(text)));
    return null;
  }
  const repository = first.image.slice(first.image.indexOf("/") + 1, first.image.lastIndexOf(":"));
  const name = freeName(pipelineName(repository), names);
  if (steps.some((step) => step.after.length > 0)) {
    remarks.push(
      `line ${found.line} starts ${calls.length} builds one after the other; here each waits for the one before it`,
    );
  }
  notes.push(...remarks.map((text) => note(text, name)));
  return { name, schedule: scheduleOf(found, name, notes), delay: null, steps, line: found.line };
}

/** `namespace/repo`, or `namespace/repo: one two` with the tags that the line builds. */
const comment = /^([a-z0-9._-]+\/[a-z0-9._-]+)(?::\s*([\w.-]+(?:[\s,]+[\w.-]+)*))?$/;

/** What builds all tags of a repository has a step for each tag that is named. */
function stepsOf(
  call: BuildCall,
  line: CrontabLine,
  options: NamingOptions,
  remarks: string[],
): ImportedStep[] {
  const [, named, ofComment] = comment.exec(line.commentAbove) ?? [];
  const isMeant = call.repository === null || call.repository === named;
  const tags = ((isMeant ? ofComment : undefined) ?? options.tag ?? "").split(/[\s,]+/).filter(Boolean);
  const step = (target: BuildCall["target"]) =>
    stepOf({ repository: call.repository ?? named ?? null, target }, line, tags[0], remarks) ?? [];
  if (call.target.kind !== "all" || tags.length < 2) return [step(call.target)].flat();
  const steps = [...new Set(tags)].flatMap((tag) => step({ kind: "tag", tag }));
  remarks.push(`line ${line.line} builds all tags; here it builds those that are named, and waits for each`);
  return steps;
}

function stepOf(
  { repository: name, target }: BuildCall,
  { line }: CrontabLine,
  named: string | undefined,
  remarks: string[],
): ImportedStep | null {
  if (name === null) {
    remarks.push(
      `line ${line} was not imported: its trigger URL does not contain the repository; write "# namespace/repo" into the line above it, and import again`,
    );
    return null;
  }
  const tag = target.kind === "tag" ? target.tag : (named ?? "latest");
  const parsed = parseImage(`${name}:${tag}`, null);
  if (parsed.kind === "problem") {
    // The text could be a misplaced token, so the note does not quote it.
    remarks.push(`line ${line} was not imported: its repository and tag on Docker Hub are not plain text`);
    return null;
  }
  const image = `${parsed.image.repository}:${parsed.image.tag}`;
  const secret = defaultSecretName(parsed.image);
  const set = `set ${secret} in the environment to the trigger URL or token of line ${line}`;
  if (!remarks.includes(set)) remarks.push(set);
  remarks.push(...remarksOnTarget(target, line, parsed.image.repository, tag));
  return { name: image, image, after: [], upstreams: [], trigger: triggerOf(target, secret) };
}

function remarksOnTarget(
  target: BuildCall["target"],
  line: number,
  repository: string,
  tag: string,
): string[] {
  const waits = `the step waits only for ${tag}`;
  const name = `name the tags in the line above it: # ${repository}: ${tag} another`;
  switch (target.kind) {
    case "all":
      return [`line ${line} builds all tags of ${repository}, and ${waits}; ${name}`];
    case "source":
      return [
        `line ${line} builds a ${target.type} of the source, and ${waits}; change that if another tag is built`,
      ];
    case "unknown":
      return [`the target of line ${line} is not plain text; assuming the tag ${tag}`];
    case "tag":
      return [];
  }
}

function triggerOf(target: BuildCall["target"], secret: string): ImportedStep["trigger"] {
  switch (target.kind) {
    case "all":
      return { dockerhub: { secret, all: true } };
    case "source":
      return {
        dockerhub: target.type === "tag" ? { secret, tag: target.name } : { secret, branch: target.name },
      };
    case "tag":
    case "unknown":
      return { dockerhub: { secret } };
  }
}

function scheduleOf(
  { cron, timezone, line }: CrontabLine,
  pipeline: string,
  notes: Note[],
): ImportedPipeline["schedule"] {
  if (cron !== null && parseCron(cron).kind === "cron")
    return timezone === null ? { cron } : { cron, timezone };
  const reason = cron === null ? "@reboot is not a time" : "its five fields are not portable cron syntax";
  notes.push(note(`the schedule of line ${line} was not imported: ${reason}; add one by hand`, pipeline));
  return null;
}
