// One run of chaos: the program is killed again and again among faults; then all is calm, and everything must end well.
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder, until } from "../stand-ins/program.ts";
import { createAnnouncer } from "./announcer.ts";
import { listRuns, type RunView, startRun } from "./api.ts";
import { checkPipeline, checkRun } from "./check.ts";
import { drawPlan, type Plan, undisturbed } from "./faults.ts";
import { type Hub, startHub } from "./hub.ts";
import { createLives, type Lives } from "./lives.ts";
import { createNudge } from "./nudge.ts";
import { type ChaosPipeline, makePipelines } from "./pipelines.ts";
import { createProgramLog } from "./program-log.ts";
import { startProxy } from "./proxy.ts";
import { createRandom, type Random } from "./random.ts";
import type { Findings } from "./report.ts";
import { createRunner, type Runner } from "./runner.ts";
import { createTap } from "./tap.ts";
import type { Truth } from "./truth.ts";

export type ChaosOptions = {
  kills: number;
  seed: number;
  pipelines: number;
  /** The time-outs of the pipelines' steps, in turn. */
  timeoutsSeconds: readonly number[];
  say: (line: string) => void;
};

const token = "chaos-trigger-token";
const lookEveryMs = 150;
/** A step may have to wait out its time three times, and lost outcomes before that. */
const endAtMostMs = 400_000;
const lastRunAtMostMs = 120_000;

export async function runChaos(options: ChaosOptions): Promise<Findings> {
  const { seed, kills, say } = options;
  const beganAt = Date.now();
  const pipelines = makePipelines(options.pipelines, options.timeoutsSeconds);
  const images = new Set(pipelines.flatMap(({ steps }) => steps.map(({ image }) => image)));
  const folder = makeFolder();
  const arrivals = createNudge();
  const log = createProgramLog();
  const tap = createTap();
  let calm = false;
  const planner = (random: Random) => (): Plan => (calm ? undisturbed : drawPlan(random));

  let hub: Hub | null = null;
  let lives: Lives | null = null;
  const mark = () => lives?.now() ?? 0;
  const toHub = await startProxy({
    ...{ target: () => hub?.port ?? null, plan: planner(createRandom(seed, "to the hub")), mark },
    onRequest: tap.onRequest,
  });
  const toProgram = await startProxy({
    target: () => portOf(lives?.origin() ?? null),
    ...{ plan: planner(createRandom(seed, "to the program")), mark },
    onRequest: arrivals.tell,
  });
  const announcer = createAnnouncer(createRandom(seed, "webhooks"), toProgram.port);
  hub = await startHub({
    ...{ random: createRandom(seed, "builds"), token, knows: (image) => images.has(image) },
    ...{ passageOf: toHub.passageOf, onTriggered: arrivals.tell, onPushed: announcer.announce },
  });
  const config = folder.config(Object.fromEntries(pipelines.map(({ name, document }) => [name, document])));
  lives = createLives({
    ...{ folder, config, hubPort: toHub.port, token, log, arrivals },
    random: createRandom(seed, "kills"),
  });
  const truth: Truth = {
    ...{ triggers: hub.triggers, pushes: hub.pushes, lookUps: tap.lookUps, cutTriggers: tap.cutTriggers },
    ...{ kills: lives.kills, saidAccepted: log.saidAccepted },
  };
  const violations = new Set<string>();
  const blame = (found: readonly string[]) => {
    for (const violation of found) violations.add(violation);
  };
  const runner = createRunner(pipelines, createRandom(seed, "starts"), (pipeline, run) =>
    blame(checkRun(pipeline, run, truth, null).violations),
  );
  const looking = new AbortController();
  const looks = lookAgainAndAgain(runner, lives, looking.signal);

  const histories = new Map<ChaosPipeline, RunView[]>();
  try {
    // The first life leaves the compiled program behind for those that are killed.
    await lives.liveOn();
    await lives.stop();
    while (lives.kills.length < kills && violations.size === 0) {
      await lives.liveAndDie();
      blame([...runner.problems, ...hub.problems, ...announcer.problems, ...log.problems]);
      if (lives.kills.length % 50 === 0) say(progress(lives, runner, hub, beganAt));
    }
    calm = true;
    hub.calmDown();
    announcer.calmDown();
    runner.startNoMore();
    await lives.liveOn();
    if (violations.size === 0) blame(await endInPeace(pipelines, runner, lives, say));
    const origin = lives.origin() ?? "";
    for (const pipeline of pipelines) histories.set(pipeline, await listRuns(origin, pipeline.name));
  } catch (error) {
    blame([error instanceof Error ? error.message : String(error)]);
  } finally {
    looking.abort();
    await looks;
    await lives.stop().catch((error: Error) => blame([error.message]));
    await Promise.all([toHub.close(), toProgram.close(), hub.close()]);
    folder.remove();
  }
  blame([...runner.problems, ...hub.problems, ...announcer.problems, ...log.problems]);

  const verdicts = [...histories].map(([pipeline, runs]) => checkPipeline(pipeline, runs, truth));
  for (const verdict of verdicts) blame(verdict.violations);
  const runs = [...histories.values()].flat();
  blame(checkPromises(runner.promised, runs));
  return {
    ...{ seed, kills: lives.kills.length, starts: lives.now(), tookMs: Date.now() - beganAt },
    ...{ pipelines: pipelines.length, runs, promised: runner.promised.size },
    triggers: hub.triggers,
    pushes: [...hub.pushes.values()].flat().length,
    repeats: verdicts.flatMap(({ repeats }) => repeats),
    lost: verdicts.reduce((all, { lost }) => all + lost, 0),
    ...{ lookUps: tap.lookUps.length, cutTriggers: tap.cutTriggers.length, webhooks: announcer.counts },
    faults: { toHub: toHub.counts, toProgram: toProgram.counts },
    ...{ violations: [...violations], lastLines: log.lastLines() },
  };
}

/** What is wrong once nothing disturbs any more: every run must end, and another run of each pipeline succeed. */
async function endInPeace(
  pipelines: readonly ChaosPipeline[],
  runner: Runner,
  lives: Lives,
  say: (line: string) => void,
): Promise<string[]> {
  const active = () => [...runner.latest.values()].filter(({ status }) => status === "running");
  const origin = lives.origin() ?? "";
  // What was seen last may be of before the last start.
  await runner.look(origin);
  say(`calm: ${active().length} runs have yet to end`);
  const areOver = until(() => active().length === 0, "every run ends", endAtMostMs);
  if (!(await areOver.then(() => true).catch(() => false))) {
    return active().map((run) => `run ${run.id} is stuck: ${JSON.stringify(run.steps)}`);
  }
  say("calm: every run has ended; one more of each pipeline");
  const last = await Promise.all(pipelines.map(({ name }) => startRun(origin, name)));
  const ids = last.flatMap((run) => (run === null ? [] : [run.id]));
  if (ids.length < pipelines.length) return ["a last run could not be started"];
  for (const id of ids) runner.promised.add(id);
  const succeeded = () =>
    [...runner.latest.values()].filter(({ id, status }) => ids.includes(id) && status === "succeeded").length;
  const areFresh = until(() => succeeded() === ids.length, "every last run succeeds", lastRunAtMostMs);
  if (await areFresh.then(() => true).catch(() => false)) return [];
  return [...runner.latest.values()]
    .filter(({ status }) => status !== "succeeded")
    .map((run) => `the last run ${run.id} did not succeed: ${JSON.stringify(run.steps)}`);
}

async function lookAgainAndAgain(runner: Runner, lives: Lives, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const origin = lives.origin();
    try {
      if (origin !== null) await runner.look(origin);
    } catch (error) {
      runner.problems.push(error instanceof Error ? error.message : String(error));
    }
    await sleep(lookEveryMs);
  }
}

function checkPromises(promised: ReadonlySet<string>, runs: readonly RunView[]): string[] {
  return [...promised].flatMap((id) => {
    const run = runs.find((told) => told.id === id);
    if (run === undefined) return `run ${id} was answered 201, and is gone`;
    return run.status === "running" ? `run ${id} was answered 201, and has not ended` : [];
  });
}

function portOf(origin: string | null): number | null {
  return origin === null ? null : Number(new URL(origin).port);
}

function progress(lives: Lives, runner: Runner, hub: Hub, beganAt: number): string {
  const seconds = Math.round((Date.now() - beganAt) / 1000);
  return `${lives.kills.length} kills in ${seconds} s, ${runner.promised.size} runs promised, ${hub.triggers.length} triggers`;
}
