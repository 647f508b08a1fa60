// What it does that a builder tells that a build has failed: the step that waits for it need not wait for its time.
import type { Outcome } from "../core/event.ts";
import { isUnderWay, type Run, type StepUnderWay } from "../core/run.ts";
import { apply } from "./apply.ts";
import { type BuilderName, type BuiltStep, builderKey } from "./builders.ts";
import type { Relay } from "./relay.ts";
import { settleAll } from "./settle-all.ts";

export type ToldFailure = {
  builder: BuilderName;
  /** What was built for, by all its names. */
  projects: readonly string[];
  /** By what the builder knows the build. */
  id: string;
  /** Where the builder gave no ticket, these have to name the run and the step. */
  titles: readonly string[];
  reason: string;
};

export type BuildEndResult = { pipeline: string; step: string; run: string; outcome: Outcome };

type Awaited = BuiltStep & { run: Run; stepRun: StepUnderWay };

export const unknownBuild = "no step waits for this build";

export async function receiveFailure(relay: Relay, told: ToldFailure): Promise<BuildEndResult[]> {
  const built = told.projects.flatMap(
    (project) => relay.builders.get(builderKey(told.builder, project)) ?? [],
  );
  const found = await find(relay, built, told);
  const about = { event: "webhook", builder: told.builder, build: told.id };
  if (found.length === 0) relay.log("info", { ...about, outcome: "ignored", reason: unknownBuild });
  return settleAll(found, async ({ pipeline, step, run, stepRun }) => {
    const { outcome } = await apply(relay, pipeline, {
      kind: "buildEnded",
      runId: run.id,
      step,
      attempt: stepRun.attempts,
      end: { kind: "failed", reason: told.reason },
      random: relay.random(),
    });
    relay.log("info", {
      ...about,
      pipeline: pipeline.name,
      run: run.id,
      step,
      outcome: outcome.kind,
      ...("reason" in outcome ? { reason: outcome.reason } : {}),
    });
    return { pipeline: pipeline.name, step, run: run.id, outcome };
  });
}

/** A build may end before the answer to its trigger, with its ticket, is saved. */
const lookAgainMs = 1_000;
const lookAgainAtMost = 5;

async function find(relay: Relay, built: readonly BuiltStep[], told: ToldFailure): Promise<Awaited[]> {
  for (let looks = 0; ; looks += 1) {
    const awaited = await loadAwaited(relay, built);
    const found = awaited.filter((one) => isMeant(one, told));
    const isOpen = awaited.some(({ stepRun }) => stepRun.state === "triggering");
    if (found.length > 0 || !isOpen || looks === lookAgainAtMost) return found;
    await relay.sleep(lookAgainMs);
  }
}

/** Those whose build is under way, as far as it is known. */
async function loadAwaited({ store }: Relay, built: readonly BuiltStep[]): Promise<Awaited[]> {
  const byPipeline = Map.groupBy(built, ({ pipeline }) => pipeline);
  const loaded = [...byPipeline].map(async ([pipeline, steps]) => {
    const { run } = (await store.load(pipeline.name)).state;
    if (run?.status !== "running") return [];
    return steps.flatMap(({ step }) => {
      const stepRun = run.steps.find(({ name }) => name === step);
      // A step that is due, and has no time at which it is given up, has no build.
      if (stepRun === undefined || !isUnderWay(stepRun) || stepRun.giveUpAt === null) return [];
      return { pipeline, step, run, stepRun };
    });
  });
  return (await Promise.all(loaded)).flat();
}

function isMeant({ step, run, stepRun: { ticket } }: Awaited, { id, titles }: ToldFailure): boolean {
  if (ticket !== null) return ticket.id === id;
  return titles.some((title) => {
    const words = wordsOf(title);
    return words.has(run.id) && words.has(step);
  });
}

/** Names of runs and steps are words: whatever cannot stand in one parts them, be it the full stop of a sentence. */
function wordsOf(title: string): Set<string> {
  const words = title.match(/[\w.:/-]+/g) ?? [];
  return new Set(words.flatMap((word) => [word, word.replace(/^[.:/-]+|[.:/-]+$/g, "")]));
}
