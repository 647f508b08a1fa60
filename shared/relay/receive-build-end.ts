// A builder's webhook reports that a build failed: its step fails or retries at once, without waiting for the time-out.
import { projectKey } from "../builders/builders.ts";
import type { BuilderName } from "../builders/settings.ts";
import type { Outcome } from "../run/event.ts";
import { findStepRun, isUnderWay, type Run, type StepUnderWay } from "../run/state.ts";
import { apply } from "./apply.ts";
import type { BuiltStep } from "./built-steps.ts";
import { logOutcome } from "./log-outcome.ts";
import type { Relay } from "./relay.ts";
import { settleAll } from "./settle-all.ts";

export type BuildFailure = {
  builder: BuilderName;
  /** All names of the project that was built. */
  projects: readonly string[];
  /** The builder's id for the build. */
  id: string;
  /** If the builder gave no id when it was triggered, one of these must name the run and the step. */
  titles: readonly string[];
  reason: string;
};

export type BuildEndResult = { pipeline: string; step: string; run: string; outcome: Outcome };

type Awaited = BuiltStep & { run: Run; stepRun: StepUnderWay };

export const unknownBuild = "no step waits for this build";

export async function receiveBuildFailure(relay: Relay, failure: BuildFailure): Promise<BuildEndResult[]> {
  const { builder, id, reason } = failure;
  const built = failure.projects.flatMap((project) => relay.builders.get(projectKey(builder, project)) ?? []);
  const found = await find(relay, built, failure);
  const about = { event: "webhook", builder, build: id };
  if (found.length === 0) logOutcome(relay, about, { kind: "ignored", reason: unknownBuild });
  return settleAll(found, async ({ pipeline, step, run, stepRun }) => {
    const { outcome } = await apply(relay, pipeline, {
      kind: "buildEnded",
      runId: run.id,
      step,
      attempt: stepRun.attempts,
      end: { kind: "failed", reason },
      random: relay.random(),
    });
    logOutcome(relay, { ...about, pipeline: pipeline.name, run: run.id, step }, outcome);
    return { pipeline: pipeline.name, step, run: run.id, outcome };
  });
}

const findAgainMs = 1_000;
const maxRetries = 5;

/** Tries several times: a build may end before the answer to its trigger, with the build's id, is saved. */
async function find(relay: Relay, built: readonly BuiltStep[], failure: BuildFailure): Promise<Awaited[]> {
  for (let retries = 0; ; retries += 1) {
    const awaited = await loadAwaited(relay, built);
    const found = awaited.filter((one) => isMeant(one, failure));
    const isOpen = awaited.some(({ stepRun }) => stepRun.state === "triggering");
    if (found.length > 0 || !isOpen || retries === maxRetries) return found;
    await relay.sleep(findAgainMs);
  }
}

/** The steps that may have a build under way. */
async function loadAwaited({ store }: Relay, built: readonly BuiltStep[]): Promise<Awaited[]> {
  const byPipeline = Map.groupBy(built, ({ pipeline }) => pipeline);
  const loaded = [...byPipeline].map(async ([pipeline, steps]) => {
    const { run } = (await store.load(pipeline.name)).state;
    if (run?.status !== "running") return [];
    return steps.flatMap(({ step }) => {
      const stepRun = findStepRun(run, step);
      // A step that is due and has no time-out has no build.
      if (stepRun === undefined || !isUnderWay(stepRun) || stepRun.giveUpAt === null) return [];
      return { pipeline, step, run, stepRun };
    });
  });
  return (await Promise.all(loaded)).flat();
}

function isMeant({ step, run, stepRun: { build } }: Awaited, { id, titles }: BuildFailure): boolean {
  if (build !== null) return build.id === id;
  return titles.some((title) => {
    const words = wordsOf(title);
    return words.has(run.id) && words.has(step);
  });
}

/** The names of runs and steps are words; any other character, such as the full stop of a sentence, separates them. */
function wordsOf(title: string): Set<string> {
  const words = title.match(/[\w.:/-]+/g) ?? [];
  return new Set(words.flatMap((word) => [word, word.replace(/^[.:/-]+|[.:/-]+$/g, "")]));
}
