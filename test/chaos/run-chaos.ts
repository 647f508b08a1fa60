// One run of chaos: the program is killed again and again among faults, then all is calm, and the truth is held against
// what the program says.
import { setTimeout as sleep } from "node:timers/promises";
import { claimMs, graceMs } from "../../shared/core/timing.ts";
import { createRandom } from "../random.ts";
import { listRuns, type RunView } from "./api.ts";
import { checkPipeline, checkRun } from "./check.ts";
import { endInPeace } from "./end-in-peace.ts";
import { type ChaosPipeline, retries } from "./pipelines.ts";
import type { Findings } from "./report.ts";
import { createRunner, type Runner } from "./runner.ts";
import { type ChaosOptions, startWorld, type World } from "./world.ts";

const lookEveryMs = 150;

/** A step may have to wait out its time again and again, and the unknown outcome of a trigger before that. */
function endAtMostMs({ timeoutsSeconds }: ChaosOptions): number {
  return (retries + 1) * Math.max(...timeoutsSeconds) * 1000 + claimMs + graceMs + 20_000;
}

type Histories = ReadonlyMap<ChaosPipeline, readonly RunView[]>;
/** What the program tells in the end; `isCalm` says that every run was given the time to end. */
type Ended = { histories: Histories; isCalm: boolean };

export async function runChaos(options: ChaosOptions): Promise<Findings> {
  const beganAt = Date.now();
  const world = await startWorld(options);
  const violations = new Set<string>();
  const blame = (found: readonly string[]) => {
    for (const violation of found) violations.add(violation);
  };
  const runner = createRunner(world.pipelines, createRandom(options.seed).split("starts"), (pipeline, run) =>
    blame(checkRun(pipeline, run, world.truth).violations),
  );
  const isWell = () => {
    blame([runner, world.hub, world.announcer, world.log].flatMap(({ problems }) => problems));
    return violations.size === 0;
  };
  const looking = new AbortController();
  const looks = lookAgainAndAgain(runner, world, looking.signal);
  let ended: Ended = { histories: new Map(), isCalm: false };
  try {
    ended = await killThenCalmDown(options, world, runner, isWell, blame);
  } catch (error) {
    blame([wordsOf(error)]);
  }
  looking.abort();
  await looks;
  await world.lives.stop().catch((error: unknown) => blame([wordsOf(error)]));
  await world.close();
  isWell();

  const { histories, isCalm } = ended;
  const runs = [...histories.values()].flat();
  const verdicts = [...histories].map(([pipeline, told]) =>
    checkPipeline(pipeline, told, world.truth, isCalm),
  );
  for (const verdict of verdicts) blame(verdict.violations);
  if (isCalm) blame(checkPromises(runner.promised, runs));
  const violated = runs.filter(({ id }) => [...violations].some((text) => text.includes(id)));
  return {
    ...observed(options, world),
    tookMs: Date.now() - beganAt,
    runs,
    promised: runner.promised.size,
    repeats: verdicts.flatMap(({ repeats }) => repeats),
    lost: verdicts.reduce((all, { lost }) => all + lost, 0),
    violations: [...violations],
    lastLines: world.log.lastLines(violated.map(({ id }) => id)),
  };
}

async function killThenCalmDown(
  options: ChaosOptions,
  world: World,
  runner: Runner,
  isWell: () => boolean,
  blame: (found: readonly string[]) => void,
): Promise<Ended> {
  await killAgainAndAgain(options, world, runner, isWell);
  world.calmDown();
  runner.startNoMore();
  const origin = await world.lives.liveOn();
  const isCalm = isWell();
  if (isCalm) blame(await endInPeace(world.pipelines, runner, origin, endAtMostMs(options), options.say));
  return { histories: await listHistories(world, origin), isCalm };
}

async function killAgainAndAgain(
  { kills, say }: ChaosOptions,
  { lives, hub }: World,
  runner: Runner,
  isWell: () => boolean,
): Promise<void> {
  // The first life leaves the compiled program behind for those that are killed.
  await lives.liveOn();
  await lives.stop();
  while (lives.kills.length < kills && isWell()) {
    await lives.liveAndDie();
    if (lives.kills.length % 50 !== 0) continue;
    say(
      `${lives.kills.length} kills, ${runner.promised.size} runs promised, ${hub.triggers.length} triggers`,
    );
  }
}

async function lookAgainAndAgain(runner: Runner, { lives }: World, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const origin = lives.origin();
    try {
      if (origin !== null) await runner.look(origin);
    } catch (error) {
      runner.problems.push(wordsOf(error));
    }
    await sleep(lookEveryMs);
  }
}

async function listHistories({ pipelines }: World, origin: string): Promise<Histories> {
  const histories = new Map<ChaosPipeline, RunView[]>();
  for (const pipeline of pipelines) histories.set(pipeline, await listRuns(origin, pipeline.name));
  return histories;
}

function checkPromises(promised: ReadonlySet<string>, runs: readonly RunView[]): string[] {
  return [...promised].flatMap((id) => {
    const run = runs.find((told) => told.id === id);
    if (run === undefined) return `run ${id} was answered 201, and is gone`;
    return run.status === "running" ? `run ${id} was answered 201, and has not ended` : [];
  });
}

function observed({ seed }: ChaosOptions, world: World) {
  const { pipelines, lives, hub, tap, announcer, toHub, toProgram } = world;
  return {
    seed,
    pipelines: pipelines.length,
    kills: lives.kills.length,
    starts: lives.now(),
    triggers: hub.triggers,
    pushes: [...hub.pushes.values()].flat().length,
    lookUps: tap.lookUps.length,
    cutTriggers: tap.cutTriggers.length,
    webhooks: announcer.counts,
    faults: { toHub: toHub.counts, toProgram: toProgram.counts },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
