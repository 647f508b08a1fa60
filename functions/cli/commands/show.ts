// `tagrelay show`: prints a pipeline with its steps and last runs, or a run with its log.
import type {
  LogEntryAnswer,
  PipelineAnswer,
  PipelineStepAnswer,
  RunAnswer,
  ScheduleAnswer,
} from "../../../shared/http/api/answers.ts";
import { formatDuration } from "../../../shared/pipeline/duration.ts";
import { describeRun, describeStep } from "../../../shared/progress/describe-run.ts";
import { pipelineOfRunId } from "../../../shared/run/run-id.ts";
import { exitCodes } from "../cli-error.ts";
import { type Client, createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { type Io, print, printJson } from "../io.ts";
import { stateSymbol, statusSymbol } from "../symbols.ts";
import { bold, dim, formatRelative, table, toSingleLine } from "../text.ts";
import { toRun } from "../to-run.ts";
import { runsForMedian, usualDurations } from "../watch/usual-durations.ts";

const runsShown = 5;

export async function show(io: Io, name: string, options: ConnectionOptions & { json?: true | undefined }) {
  const client = createClient(readConnection(io, options));
  if (pipelineOfRunId(name) === null) await showPipeline(io, client, name, options.json === true);
  else await showRun(io, client, name, options.json === true);
  return exitCodes.success;
}

async function showPipeline(io: Io, client: Client, name: string, asJson: boolean): Promise<void> {
  const [pipeline, runs] = await Promise.all([client.pipeline(name), client.runs(name, runsForMedian)]);
  if (asJson) return printJson(io, { ...pipeline, runs: runs.slice(0, runsShown) });
  const now = client.clock();
  const usual = usualDurations(runs);
  const facts = Object.entries(factsOf(pipeline, now)).map(([fact, text]) => [dim(fact), text]);
  const steps = pipeline.steps.map((step) => stepRow(step, usual.get(step.name) ?? null));
  const last = runs.slice(0, runsShown).map((run) => runRow(run, now));
  print(io, bold(pipeline.name), ...table(facts, "  "), "", ...table(steps, "  "), "");
  print(io, ...(last.length === 0 ? ["  has not run yet"] : table(last, "  ")));
}

function stepRow({ name, image, trigger, after }: PipelineStepAnswer, usualMs: number | null): string[] {
  return [
    name,
    dim(image === name ? "" : (image ?? "gate")),
    dim(trigger),
    dim(usualMs === null ? "" : `usually ${formatDuration(usualMs)}`),
    dim(after.length === 0 ? "" : `after ${after.join(", ")}`),
  ];
}

function factsOf({ schedule, nextStartAt, after, source, maxParallel }: PipelineAnswer, now: number) {
  return {
    ...(schedule === undefined ? {} : { schedule: describeSchedule(schedule) }),
    ...(nextStartAt === undefined ? {} : { next: `${nextStartAt}, ${formatRelative(nextStartAt, now)}` }),
    ...(after === undefined ? {} : { after: after.join(", ") }),
    ...(source === undefined ? {} : { source: describeSource(source) }),
    ...(maxParallel === undefined ? {} : { "max parallel": String(maxParallel) }),
  };
}

type SourceAnswer = NonNullable<PipelineAnswer["source"]>;

function describeSource({ github, gitlab, bitbucket, branches, tags = [] }: SourceAnswer) {
  return `${github ?? gitlab ?? bitbucket ?? ""} ${[...branches, ...tags].join(", ")}`;
}

function describeSchedule(schedule: ScheduleAnswer): string {
  if ("cron" in schedule) return `${schedule.cron} (${schedule.timezone})`;
  return "at" in schedule ? schedule.at : `every ${formatDuration(schedule.everySeconds * 1000)}`;
}

function runRow(run: RunAnswer, now: number): string[] {
  const when = run.status === "running" ? "" : formatRelative(run.endedAt, now);
  return [`${statusSymbol(run.status)} ${run.id}`, describeRun(toRun(run), now), dim(run.cause), dim(when)];
}

async function showRun(io: Io, client: Client, id: string, asJson: boolean): Promise<void> {
  const answer = await client.run(id);
  if (asJson) return printJson(io, answer);
  const now = client.clock();
  const run = toRun(answer);
  const from = answer.from === undefined ? "" : `, from ${answer.from.join(", ")}`;
  const origin = dim(`${run.cause}${from}, started ${answer.startedAt}`);
  print(io, `${statusSymbol(run.status)} ${bold(run.id)}  ${describeRun(run, now)}  ${origin}`);
  const parameters = Object.entries(answer.parameters ?? {}).map(([key, value]) => `${key}=${value}`);
  if (parameters.length > 0) print(io, `  ${dim(`with ${parameters.join(" ")}`)}`);
  if (run.because !== null) print(io, `  ${dim(`because ${run.because}`)}`);
  const steps = run.steps.map((stepRun) => [
    `${stateSymbol(stepRun.state)} ${stepRun.name}`,
    describeStep(stepRun, now),
    dim(stepRun.build?.url ?? ""),
  ]);
  print(io, ...table(steps, "  "));
  if (answer.log.length > 0) print(io, "", ...table(answer.log.map(logRow), "  "));
}

function logRow({ at, step, attempt = 0, state, reason }: LogEntryAnswer): string[] {
  return [
    dim(at),
    toSingleLine(step ?? "the run"),
    attempt > 1 ? `${state}, attempt ${attempt}` : state,
    toSingleLine(reason ?? ""),
  ];
}
