// Runs a chaos test: kills the program repeatedly among faults, calms down, and compares its runs with what happened.
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../shared/log.ts";
import { claimMs, graceMs } from "../../shared/run/timing.ts";
import { createRandom } from "../random.ts";
import { listRuns, type RunView } from "./api.ts";
import { checkCalmEnd } from "./check-calm-end.ts";
import { checkPipeline, checkRun } from "./check-runs.ts";
import { type ChaosPipeline, retries } from "./pipelines.ts";
import type { Findings } from "./report.ts";
import { createRunner, type Runner } from "./runner.ts";
import { type ChaosOptions, startWorld, type World } from "./world.ts";

const lookIntervalMs = 150;

/** Every attempt of a step may time out, after a trigger with an unknown outcome. */
function maxEndMs({ timeoutsSeconds }: ChaosOptions): number {
  return (retries + 1) * Math.max(...timeoutsSeconds) * 1000 + claimMs + graceMs + 20_000;
}

type Histories = ReadonlyMap<ChaosPipeline, readonly RunView[]>;
/** `isCalm`: every run had enough time to end. */
type Ended = { histories: Histories; isCalm: boolean };

export async function runChaos(options: ChaosOptions): Promise<Findings> {
  const beganAt = Date.now();
  const world = await startWorld(options);
  const violations = new Set<string>();
  const addViolations = (found: readonly string[]) => {
    for (const violation of found) violations.add(violation);
  };
  const runner = createRunner(
    world.pipelines,
    createRandom(options.seed).split("starts"),
    options.maxPauseMs,
    (pipeline, run) => addViolations(checkRun(pipeline, run, world.truth).violations),
  );
  const hasNoViolation = () => {
    addViolations([runner, world.hub, world.announcer, world.log].flatMap(({ problems }) => problems));
    return violations.size === 0;
  };
  const stopLooking = new AbortController();
  const looks = lookRepeatedly(runner, world, stopLooking.signal);
  let ended: Ended = { histories: new Map(), isCalm: false };
  try {
    ended = await killThenCalmDown(options, world, runner, hasNoViolation, addViolations);
  } catch (error) {
    addViolations([messageOf(error)]);
  }
  stopLooking.abort();
  await looks;
  await world.lives.stop().catch((error: unknown) => addViolations([messageOf(error)]));
  await world.close();
  hasNoViolation();

  const { histories, isCalm } = ended;
  const runs = [...histories.values()].flat();
  const verdicts = [...histories].map(([pipeline, reported]) =>
    checkPipeline(pipeline, reported, world.truth, isCalm),
  );
  for (const verdict of verdicts) addViolations(verdict.violations);
  if (isCalm) addViolations(checkStarted(runner.started, runs));
  const violated = runs.filter(({ id }) => [...violations].some((text) => text.includes(id)));
  return {
    ...observed(options, world),
    tookMs: Date.now() - beganAt,
    runs,
    started: runner.started.size,
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
  hasNoViolation: () => boolean,
  addViolations: (found: readonly string[]) => void,
): Promise<Ended> {
  await killRepeatedly(options, world, runner, hasNoViolation);
  world.calmDown();
  runner.stopStarting();
  const origin = await world.lives.start();
  const isCalm = hasNoViolation();
  if (isCalm)
    addViolations(await checkCalmEnd(world.pipelines, runner, origin, maxEndMs(options), options.print));
  return { histories: await listHistories(world, origin), isCalm };
}

async function killRepeatedly(
  { kills, print }: ChaosOptions,
  { lives, hub }: World,
  runner: Runner,
  hasNoViolation: () => boolean,
): Promise<void> {
  // The first start fills the compile cache for those that follow.
  await lives.start();
  await lives.stop();
  while (lives.kills.length < kills && hasNoViolation()) {
    await lives.startAndKill();
    if (lives.kills.length % 50 !== 0) continue;
    print(
      `${lives.kills.length} kills, ${runner.started.size} runs started, ${hub.triggers.length} triggers`,
    );
  }
}

async function lookRepeatedly(runner: Runner, { lives }: World, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const origin = lives.origin();
    try {
      if (origin !== null) await runner.look(origin);
    } catch (error) {
      runner.problems.push(messageOf(error));
    }
    await sleep(lookIntervalMs);
  }
}

async function listHistories({ pipelines }: World, origin: string): Promise<Histories> {
  const histories = new Map<ChaosPipeline, RunView[]>();
  for (const pipeline of pipelines) histories.set(pipeline, await listRuns(origin, pipeline.name));
  return histories;
}

function checkStarted(started: ReadonlySet<string>, runs: readonly RunView[]): string[] {
  return [...started].flatMap((id) => {
    const run = runs.find((reported) => reported.id === id);
    if (run === undefined) return `run ${id} was answered with 201, but is missing`;
    return run.status === "running" ? `run ${id} was answered with 201, but has not ended` : [];
  });
}

function observed({ seed }: ChaosOptions, world: World) {
  const { pipelines, lives, hub, recorder, announcer, toHub, toProgram } = world;
  return {
    seed,
    pipelines: pipelines.length,
    kills: lives.kills.length,
    starts: lives.now(),
    triggers: hub.triggers,
    pushes: [...hub.pushes.values()].flat().length,
    lookUps: recorder.lookUps.length,
    cutTriggers: recorder.cutTriggers.length,
    webhooks: announcer.counts,
    faults: { toHub: toHub.counts, toProgram: toProgram.counts },
  };
}
