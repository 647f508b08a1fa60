// `tagrelay show`: a pipeline with its steps and last runs, or a run with what happened in it.
import { formatDuration } from "../../../shared/core/duration.ts";
import { pipelineOfRunId } from "../../../shared/core/run-id.ts";
import type {
  LogEntryAnswer,
  PipelineAnswer,
  PipelineStepAnswer,
  RunAnswer,
  ScheduleAnswer,
} from "../../../shared/http/api-answers.ts";
import { runWords, stepWords } from "../../local/progress/words.ts";
import { exitCodes } from "../cli-error.ts";
import { type Client, createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { runOfAnswer } from "../run-of-answer.ts";
import { stateSign, statusSign } from "../signs.ts";
import { bold, dim, printable, say, sayJson, table, whenWords } from "../text.ts";
import { runsForUsual, usualDurations } from "../watch/usual-durations.ts";

const runsShown = 5;

export async function show(name: string, options: ConnectionOptions & { json?: true | undefined }) {
  const client = createClient(readConnection(options));
  if (pipelineOfRunId(name) === null) await showPipeline(client, name, options.json === true);
  else await showRun(client, name, options.json === true);
  return exitCodes.done;
}

async function showPipeline(client: Client, name: string, asJson: boolean): Promise<void> {
  const [pipeline, runs] = await Promise.all([client.pipeline(name), client.runs(name, runsForUsual)]);
  if (asJson) return sayJson({ ...pipeline, runs: runs.slice(0, runsShown) });
  const now = client.clock();
  const usual = usualDurations(runs);
  const facts = Object.entries(factsOf(pipeline, now)).map(([what, text]) => [dim(what), text]);
  const steps = pipeline.steps.map((step) => stepRow(step, usual.get(step.name) ?? null));
  const last = runs.slice(0, runsShown).map((run) => runRow(run, now));
  say(bold(pipeline.name), ...table(facts, "  "), "", ...table(steps, "  "), "");
  say(...(last.length === 0 ? ["  has not run yet"] : table(last, "  ")));
}

function stepRow({ name, image, trigger, after }: PipelineStepAnswer, usualMs: number | null): string[] {
  return [
    name,
    dim(image === name ? "" : image),
    dim(trigger),
    dim(usualMs === null ? "" : `usually ${formatDuration(usualMs)}`),
    dim(after.length === 0 ? "" : `after ${after.join(", ")}`),
  ];
}

function factsOf({ schedule, nextStartAt, after, source, maxParallel }: PipelineAnswer, now: number) {
  return {
    ...(schedule === undefined ? {} : { schedule: scheduleWords(schedule) }),
    ...(nextStartAt === undefined ? {} : { next: `${nextStartAt}, ${whenWords(nextStartAt, now)}` }),
    ...(after === undefined ? {} : { after: after.join(", ") }),
    ...(source === undefined ? {} : { source: `${source.github} ${source.branches.join(", ")}` }),
    ...(maxParallel === undefined ? {} : { "at once": String(maxParallel) }),
  };
}

function scheduleWords(schedule: ScheduleAnswer): string {
  if ("cron" in schedule) return `${schedule.cron} (${schedule.timezone})`;
  return "at" in schedule ? schedule.at : `every ${formatDuration(schedule.everySeconds * 1000)}`;
}

function runRow(run: RunAnswer, now: number): string[] {
  const when = run.status === "running" ? "" : whenWords(run.endedAt, now);
  return [`${statusSign(run.status)} ${run.id}`, runWords(runOfAnswer(run), now), dim(run.cause), dim(when)];
}

async function showRun(client: Client, id: string, asJson: boolean): Promise<void> {
  const answer = await client.run(id);
  if (asJson) return sayJson(answer);
  const now = client.clock();
  const run = runOfAnswer(answer);
  const from = answer.from === undefined ? "" : `, from ${answer.from.join(", ")}`;
  say(
    `${statusSign(run.status)} ${bold(run.id)}  ${runWords(run, now)}  ${dim(`${run.cause}${from}, started ${answer.startedAt}`)}`,
  );
  const steps = run.steps.map((step) => [
    `${stateSign(step.state)} ${step.name}`,
    stepWords(step, now),
    dim(step.ticket?.url ?? ""),
  ]);
  say(...table(steps, "  "));
  if (answer.log.length > 0) say("", ...table(answer.log.map(logRow), "  "));
}

function logRow({ at, step, attempt = 0, state, reason }: LogEntryAnswer): string[] {
  return [
    dim(at),
    printable(step ?? "the run"),
    attempt > 1 ? `${state}, attempt ${attempt}` : state,
    printable(reason ?? ""),
  ];
}
