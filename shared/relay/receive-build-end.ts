// A builder's webhook reports the end of a build. After a failure, its step fails or retries at once, without waiting for
// the time-out; a success ends the steps that are `done: built`.
import { projectKey } from "../builders/builders.ts";
import type { BuilderName } from "../builders/settings.ts";
import type { BuildEnd } from "../kinds/builder.ts";
import { findStep } from "../pipeline/pipeline.ts";
import type { Outcome } from "../run/event.ts";
import { findStepRun, isUnderWay, type Run, type StepUnderWay } from "../run/state.ts";
import { apply } from "./apply.ts";
import { logOutcome } from "./log-outcome.ts";
import type { Relay } from "./relay.ts";
import { settleAll } from "./settle-all.ts";
import type { StepOfProject } from "./steps-of-project.ts";

export type ReportedEnd = {
  builder: BuilderName;
  /** All names of the project that was built. */
  projects: readonly string[];
  /** The builder's id for the build. */
  id: string;
  /** If the builder gave no id when it was triggered, one of these must name the run and the step. */
  titles: readonly string[];
  end: BuildEnd;
};

export type BuildEndResult = { pipeline: string; step: string; run: string; outcome: Outcome };

type AwaitingStep = StepOfProject & { run: Run; stepRun: StepUnderWay };

/** The answer if no step waits for the end of the build. */
export function whyNoStep({ kind }: BuildEnd): string {
  return kind === "succeeded"
    ? "the step is done when its tag is pushed, not when its build ends"
    : "no step waits for this build";
}

export async function receiveBuildEnd(relay: Relay, reported: ReportedEnd): Promise<BuildEndResult[]> {
  const { builder, id, end } = reported;
  const ofProject = reported.projects.flatMap(
    (project) => relay.projects.get(projectKey(builder, project)) ?? [],
  );
  // Any other step is done when its tag is pushed.
  const built =
    end.kind === "succeeded"
      ? ofProject.filter(({ pipeline, step }) => findStep(pipeline, step)?.endedBy === "builder")
      : ofProject;
  const found = await findAwaiting(relay, built, reported);
  const about = { event: "webhook", builder, build: id };
  if (found.length === 0) logOutcome(relay, about, { kind: "ignored", reason: whyNoStep(end) });
  return settleAll(found, async ({ pipeline, step, run, stepRun }) => {
    const { outcome } = await apply(relay, pipeline, {
      kind: "buildEnded",
      runId: run.id,
      step,
      attempt: stepRun.attempts,
      end,
      random: relay.random(),
    });
    logOutcome(relay, { ...about, pipeline: pipeline.name, run: run.id, step }, outcome);
    return { pipeline: pipeline.name, step, run: run.id, outcome };
  });
}

const findAgainMs = 1_000;
const maxRetries = 5;

/** Tries several times: a build may end before the answer to its trigger, with the build's id, is saved. */
async function findAwaiting(
  relay: Relay,
  built: readonly StepOfProject[],
  reported: ReportedEnd,
): Promise<AwaitingStep[]> {
  for (let retries = 0; ; retries += 1) {
    const awaiting = await loadAwaiting(relay, built);
    const found = awaiting.filter((one) => isMeant(one, reported));
    const mayStillMatch = awaiting.some(({ stepRun }) => stepRun.state === "triggering");
    if (found.length > 0 || !mayStillMatch || retries === maxRetries) return found;
    await relay.sleep(findAgainMs);
  }
}

/** The steps that may have a build under way. */
async function loadAwaiting({ store }: Relay, built: readonly StepOfProject[]): Promise<AwaitingStep[]> {
  const byPipeline = Map.groupBy(built, ({ pipeline }) => pipeline);
  const loaded = [...byPipeline].map(async ([pipeline, steps]) => {
    const { run } = (await store.load(pipeline.name)).state;
    if (run?.status !== "running") return [];
    return steps.flatMap(({ step }) => {
      const stepRun = findStepRun(run, step);
      // Until its first trigger, a step has no build, and no time at which to give up.
      if (stepRun === undefined || !isUnderWay(stepRun) || stepRun.giveUpAt === null) return [];
      return { pipeline, step, run, stepRun };
    });
  });
  return (await Promise.all(loaded)).flat();
}

function isMeant({ step, run, stepRun: { build } }: AwaitingStep, { id, titles }: ReportedEnd): boolean {
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
