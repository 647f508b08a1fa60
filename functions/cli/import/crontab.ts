// Imports a crontab that starts builds on Docker Hub: a pipeline for each line, with its schedule.
import { defaultSecretName } from "../../../shared/core/compile.ts";
import { parseCron } from "../../../shared/core/cron.ts";
import { parseImage } from "../../../shared/core/image.ts";
import { type BuildCall, buildCalls } from "./build-calls.ts";
import { type CrontabLine, readCrontab } from "./crontab-lines.ts";
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
} from "./imported.ts";
import { relatedLines } from "./related-lines.ts";

export type LinePipeline = ImportedPipeline & { line: number };

export function importCrontab(text: string, options: NamingOptions): Imported {
  const { lines, others } = readCrontab(text);
  const notes: Note[] = [];
  const pipelines: LinePipeline[] = [];
  const names = new Set<string>();
  for (const line of lines) {
    const pipeline = readLine(line, options, names, notes);
    if (pipeline === null) continue;
    names.add(pipeline.name);
    pipelines.push(pipeline);
  }
  if (pipelines.length === 0) {
    const why = notes.map(({ text: found }) => `; ${found}`).join("");
    throw new ImportError(
      `expected a crontab with lines such as "17 3 * * * dh-trigger acme base", or curl with a trigger URL, found none${why}`,
    );
  }
  if (others.length > 0) {
    const shown =
      others.length > 5 ? `${others.slice(0, 5).join(", ")}, … (${others.length} in all)` : others.join(", ");
    notes.push(note(`lines that belong to no crontab are passed over: ${shown}`));
  }
  if (pipelines.some(({ schedule }) => schedule != null && !("timezone" in schedule))) {
    notes.push(
      note(
        "cron runs in the time zone of its machine, Tagrelay in UTC: add a timezone, such as Europe/Paris, to each schedule",
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
  for (const call of calls) {
    const step = stepOf(call, found, options, remarks);
    const last = steps.at(-1);
    if (step !== null && steps.every(({ image }) => image !== step.image)) {
      steps.push({ ...step, after: last === undefined ? [] : [last.name] });
    }
  }
  const [first] = steps;
  if (first === undefined) {
    notes.push(...remarks.map((text) => note(text)));
    return null;
  }
  const repository = first.image.slice(first.image.indexOf("/") + 1, first.image.lastIndexOf(":"));
  const name = freeName(pipelineName(repository), names);
  if (steps.length > 1) {
    remarks.push(
      `line ${found.line} starts ${steps.length} builds one after the other: here each waits for the one before it`,
    );
  }
  notes.push(...remarks.map((text) => note(text, name)));
  return { name, schedule: scheduleOf(found, name, notes), delay: null, steps, line: found.line };
}

function stepOf(
  { repository, what }: BuildCall,
  found: CrontabLine,
  options: NamingOptions,
  remarks: string[],
): ImportedStep | null {
  const name = repository ?? (/^[a-z0-9._-]+\/[a-z0-9._-]+$/.test(found.above) ? found.above : null);
  if (name === null) {
    remarks.push(
      `line ${found.line} is left out: its trigger URL does not tell the repository; put "# namespace/repo" into the line above it, and import again`,
    );
    return null;
  }
  const tag = what.kind === "tag" ? what.tag : (options.tag ?? "latest");
  const parsed = parseImage(`${name}:${tag}`, null);
  // What stands there may be a token in the wrong place: it is not shown.
  if (parsed.kind === "problem") {
    remarks.push(
      `line ${found.line} is left out: it tells no repository and tag on Docker Hub in plain text`,
    );
    return null;
  }
  const { image } = parsed;
  const secret = defaultSecretName(image);
  remarks.push(`put the trigger URL or token of line ${found.line} into the environment as ${secret}`);
  const waits = `the step waits for ${tag} alone: change that where another tag is the last`;
  if (what.kind === "all")
    remarks.push(`line ${found.line} builds all tags of ${image.repository}, and ${waits}`);
  if (what.kind === "source")
    remarks.push(`line ${found.line} builds a ${what.type} of the source, and ${waits}`);
  if (what.kind === "unknown") {
    remarks.push(`what line ${found.line} builds is not in plain text; it is taken for the tag ${tag}`);
  }
  return {
    name: `${image.repository}:${image.tag}`,
    image: `${image.repository}:${image.tag}`,
    after: [],
    upstreams: [],
    trigger: triggerOf(what, secret),
  };
}

/** A step that builds its own tag with the usual secret needs no words. */
function triggerOf(what: BuildCall["what"], secret: string): ImportedStep["trigger"] {
  switch (what.kind) {
    case "all":
      return { dockerhub: { secret, all: true } };
    case "source":
      return { dockerhub: what.type === "tag" ? { secret, tag: what.name } : { secret, branch: what.name } };
    case "tag":
    case "unknown":
      return { dockerhub: { secret } };
    default:
      return what satisfies never;
  }
}

function scheduleOf(
  { cron, timezone, line }: CrontabLine,
  pipeline: string,
  notes: Note[],
): ImportedPipeline["schedule"] {
  if (cron !== null && parseCron(cron).kind === "cron")
    return timezone === null ? { cron } : { cron, timezone };
  const why =
    cron === null ? "@reboot is no time" : "its five fields are not those that all crons understand";
  notes.push(note(`the schedule of line ${line} is not carried over: ${why}; add one by hand`, pipeline));
  return null;
}
