// What must hold in every simulated world after everything that happens; the truth is Docker Hub's and the engine's.
import { withDescendants } from "../../shared/core/graph.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import { isUnderWay, type PipelineState, type Run, type StepRun } from "../../shared/core/run.ts";
import { type BuildEnds, createBuildEnds } from "./build-ends.ts";
import { type Claims, createClaims } from "./claims.ts";
import { demand } from "./demand.ts";
import type { Item } from "./engine.ts";
import type { Instance } from "./instance.ts";
import { createLimits, type Limits } from "./limits.ts";
import { createRunRecord, type RunRecord } from "./record.ts";
import { createStarts, type Starts } from "./starts.ts";

/** A push, or where webhooks have to be believed, a webhook that told of one; or a command that has ended well. */
export type Truth = { image: string; at: number };

/** Docker Hub's and the store's dates come in seconds: clocks that differ are put right to within a few of them. */
const clocksAgreeMs = 5_000;
/** From the look-up to the save that follows from it, also where the store makes it wait. */
const lookUpAtMostMs = 60_000;

export type Invariants = Pick<Claims, "onTrigger" | "onAccepted"> &
  Pick<RunRecord, "onNotice" | "onRetry" | "checkTime" | "checkFollowers"> &
  Pick<BuildEnds, "onTold" | "onTaken"> &
  Pick<Limits, "onSlot" | "most"> &
  Pick<Starts, "onSource" | "onAnswered"> & {
    /** A pipeline's state as it was saved last. */
    stateOf: (pipeline: string) => PipelineState | null;
    runs: () => number;
    onPut: (instance: Instance, before: Item | undefined, after: Item) => void;
    onLookUp: (image: string) => void;
    /** Nothing waits for the end of a run that is over. */
    checkNext: () => void;
    /** What must hold when all is quiet again. */
    checkEnd: (items: readonly Item[], pipelines: readonly Pipeline[]) => void;
  };

export function createInvariants(
  now: () => number,
  truths: (image: string) => readonly Truth[],
  isReadable: boolean,
): Invariants {
  const claims = createClaims();
  const record = createRunRecord(now);
  const ends = createBuildEnds();
  const limits = createLimits(now);
  const starts = createStarts();
  const states = new Map<string, PipelineState>();
  const lookedUpAt = new Map<string, number>();
  const learned = new WeakSet<object>();

  const learn = (pipelines: readonly Pipeline[]) => {
    if (learned.has(pipelines)) return;
    learned.add(pipelines);
    pipelines.forEach(claims.learn);
    record.learn(pipelines);
    pipelines.forEach(limits.learn);
  };
  const firstPush = (image: string, since: number) =>
    truths(image).find(({ at }) => at >= since - clocksAgreeMs && at <= now())?.at;
  const wasPushedSince = (image: string, since: number) => firstPush(image, since) !== undefined;

  const checkStep = (pipeline: Pipeline, run: Run, last: StepRun | undefined, step: StepRun) => {
    const endedBy = pipeline.steps.find(({ name }) => name === step.name)?.endedBy;
    const isTold = endedBy === "builder" || ends.isTold(run, step, "failed");
    if (last !== undefined && isReadable && !isTold) checkLookUp(run, last, step);
    if (step.state !== "triggering" || last?.attempts === step.attempts) return;
    const isFirst = last === undefined || last.triggeredAt === null;
    const underWay = run.steps.filter(isUnderWay).length;
    demand(
      !isFirst || underWay <= pipeline.maxParallel,
      () => `run ${run.id} has ${underWay} steps under way, and ${pipeline.maxParallel} are allowed`,
    );
    for (const image of imagesBefore(pipeline, run, step)) {
      demand(
        wasPushedSince(image, record.begunAt(run.id)),
        () => `step ${step.name} of run ${run.id} is triggered before ${image} was pushed in this run`,
      );
    }
  };

  /** A lost webhook costs time, never a build: Docker Hub is asked before it is built again or given up. */
  const checkLookUp = (run: Run, last: StepRun, step: StepRun) => {
    const isSamePass = last.triggeredAt !== null && last.triggeredAt === step.triggeredAt;
    if (!isSamePass || (last.state !== "due" && last.state !== "building")) return;
    if (step.state !== "failed" && (step.state !== "triggering" || step.attempts === last.attempts)) return;
    const age = now() - (lookedUpAt.get(step.image) ?? 0);
    demand(
      age <= lookUpAtMostMs,
      () => `step ${step.name} of run ${run.id} is ${step.state} without a look-up`,
    );
  };

  const checkSuccess = (pipeline: Pipeline, run: Run) => {
    const scope = scopeOf(pipeline, run);
    for (const step of run.steps.filter(({ name }) => scope.has(name))) {
      const { image, state } = step;
      const isFresh = state === "done" && wasPushedSince(image, record.begunAt(run.id));
      demand(isFresh, () => `run ${run.id} succeeded, and ${image} was not pushed since it began`);
      for (const base of imagesBefore(pipeline, run, step)) {
        const isNewer = wasPushedSince(image, firstPush(base, record.begunAt(run.id)) ?? now());
        demand(isNewer, () => `run ${run.id} succeeded, and ${image} is older than ${base}`);
      }
    }
  };

  const checkRun = (instance: Instance, run: Run, earlier: Run | null) => {
    const last = earlier?.id === run.id ? earlier : null;
    const pipeline = instance.pipelines.find(({ name }) => name === run.pipeline);
    const known = new Map(last?.steps.map((step) => [step.name, step]));
    for (const step of run.steps) {
      ends.follow(run, pipeline, known.get(step.name), step);
      if (pipeline !== undefined) checkStep(pipeline, run, known.get(step.name), step);
      claims.follow(instance, run, known.get(step.name), step);
    }
    const hasEnded = run.status === "succeeded" && last?.status !== "succeeded";
    if (hasEnded && pipeline !== undefined) checkSuccess(pipeline, run);
  };

  return {
    ...claims,
    ...record,
    onTold: ends.onTold,
    onTaken: ends.onTaken,
    onSlot: limits.onSlot,
    most: limits.most,
    onSource: starts.onSource,
    onAnswered: starts.onAnswered,
    stateOf: (pipeline) => states.get(pipeline) ?? null,
    runs: record.size,
    onPut: (instance, before, after) => {
      learn(instance.pipelines);
      // History counts when the run's place is taken, which is saved after it.
      if (after.sk?.S !== "state") return;
      const name = (after.pk?.S ?? "").slice("pipeline#".length);
      const version = Number(after.version?.N);
      const expected = Number(before?.version?.N ?? 0) + 1;
      demand(version === expected, () => `${name} goes from version ${expected - 1} to ${version}`);
      const state: PipelineState = JSON.parse(after.state?.S ?? "");
      const last = states.get(name) ?? null;
      const earlier = last?.run ?? null;
      states.set(name, state);
      record.follow(earlier, state.run);
      starts.follow(instance, name, last, state);
      limits.follow(instance, name, state);
      if (state.run !== null) checkRun(instance, state.run, earlier);
    },
    onLookUp: (image) => void lookedUpAt.set(image, now()),
    checkNext: () => {
      for (const [name, { run, next }] of states) {
        demand(run?.status === "running" || next === null, () => `${name} has a run that is not begun`);
      }
    },
    checkEnd: (items, pipelines) => {
      const last = [...states].flatMap(([name, { run, told, errands, next }]) => {
        demand(run?.status !== "running", () => `${name} has a run that does not end`);
        const isOpen = told.length > 0 || errands.length > 0 || next !== null;
        demand(!isOpen, () => `${name} has a push, an errand or a run that is not seen to`);
        return run === null ? [] : run;
      });
      record.checkEnd(
        items.filter(({ sk }) => sk?.S?.startsWith("run#")),
        last,
      );
      const left = items.find(({ pk }) => pk?.S?.startsWith("account#"));
      demand(left === undefined, () => `${left?.pk?.S} has kept ${left?.sk?.S}`);
      starts.checkEnd(pipelines);
      claims.checkEnd();
    },
  };
}

function scopeOf({ steps }: Pipeline, { from }: Run): Set<string> {
  return withDescendants(steps, from ?? steps.map(({ name }) => name));
}

/** The images that a step comes after, as far as they are part of the run. */
function imagesBefore(pipeline: Pipeline, run: Run, { name }: StepRun): string[] {
  const scope = scopeOf(pipeline, run);
  const after = pipeline.steps.find((step) => step.name === name)?.after ?? [];
  return run.steps
    .filter((other) => after.includes(other.name) && scope.has(other.name))
    .map(({ image }) => image);
}
