// What must hold in every simulated world at every moment, judged by what Docker Hub and the engine really did.
import { isOnDockerHub, splitImageName } from "../../../shared/image/image.ts";
import { withDescendants } from "../../../shared/pipeline/graph.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { isMovingTags } from "../../../shared/run/promotion.ts";
import { isUnderWay, type PipelineState, type Run, type StepRun } from "../../../shared/run/state.ts";
import { readState } from "../../../shared/store/dynamodb/state-item.ts";
import type { Item } from "../engine.ts";
import type { Instance } from "../instance.ts";
import { type AccountChecks, createAccountChecks } from "./accounts.ts";
import { type BuildEndChecks, createBuildEndChecks } from "./build-ends.ts";
import { createEvidenceChecks } from "./evidence.ts";
import { type Contents, createFreshnessChecks } from "./freshness.ts";
import { createPromotionChecks, type LastPush } from "./promotion.ts";
import { createRunChecks, type RunChecks } from "./runs.ts";
import { createStartChecks, type StartChecks } from "./starts.ts";
import { targetNameOf } from "./target-name.ts";
import { createTriggerChecks, type TriggerChecks } from "./triggers.ts";
import { mustHold } from "./violation.ts";

/** A push (or its webhook, if webhooks cannot be confirmed), or a command that succeeded. */
export type Truth = { image: string; at: number };

/** Docker Hub's and the store's dates have whole seconds, so clock differences are corrected to within a few. */
const clocksAgreeMs = 5_000;
/** Other registries are asked what a tag points to before a run is saved. A push until then counts in the run. */
const maxAnswerMs = 10_000;
/** From the look-up to the save that follows, including retries of the store. */
const maxLookUpMs = 60_000;

function toleranceOf(image: string): number {
  return isOnDockerHub(splitImageName(image)) ? clocksAgreeMs : clocksAgreeMs + maxAnswerMs;
}

export type Invariants = Pick<TriggerChecks, "onTrigger" | "onAccepted"> &
  Pick<RunChecks, "onNotice" | "onDelivery" | "onRetry" | "checkTime" | "checkFollowers"> &
  Pick<BuildEndChecks, "onReported" | "onApplied"> &
  Pick<AccountChecks, "onSlot" | "highestLimits"> &
  Pick<StartChecks, "onSource" | "onUpstream" | "onAnswered"> & {
    /** A pipeline's last saved state. */
    stateOf: (pipeline: string) => PipelineState | null;
    runs: () => number;
    onPut: (instance: Instance, before: Item | undefined, after: Item) => void;
    onLookUp: (image: string) => void;
    /** The relay moves a tag. */
    onMove: (image: string, digest: string) => void;
    /** Whether a registry without times has answered for this image, as far as is saved. */
    hasAnswered: (image: string) => boolean;
    /** No queued run waits for a run that has ended. */
    checkQueuedRuns: () => void;
    /** What must hold at the end, when nothing is open any more. */
    checkEnd: (items: readonly Item[], pipelines: readonly Pipeline[]) => void;
  };

export function createInvariants(
  now: () => number,
  truths: (image: string) => readonly Truth[],
  isReadable: (image: string) => boolean,
  contents: Contents & { lastPush: LastPush },
): Invariants {
  const evidence = createEvidenceChecks(contents.layersOf);
  const freshness = createFreshnessChecks(contents, now);
  const promotions = createPromotionChecks(contents, now);
  const triggers = createTriggerChecks();
  const runs = createRunChecks(now);
  const ends = createBuildEndChecks();
  const accounts = createAccountChecks(now);
  const starts = createStartChecks();
  const states = new Map<string, PipelineState>();
  const lookedUpAt = new Map<string, number>();
  const learned = new WeakSet<object>();

  const learn = (pipelines: readonly Pipeline[]) => {
    if (learned.has(pipelines)) return;
    learned.add(pipelines);
    pipelines.forEach(triggers.learn);
    runs.learn(pipelines);
    pipelines.forEach(accounts.learn);
  };
  const firstPush = (image: string, since: number) =>
    truths(image).find(({ at }) => at >= since - toleranceOf(image) && at <= now())?.at;
  const wasPushedSince = (image: string, since: number) => firstPush(image, since) !== undefined;

  const checkStep = (pipeline: Pipeline, run: Run, last: StepRun | undefined, step: StepRun) => {
    const endedBy = pipeline.steps.find(({ name }) => name === step.name)?.endedBy;
    const isDecided = endedBy === "builder" || ends.isReported(run, step, "failed");
    const { image } = step;
    if (image !== null && last !== undefined && isReadable(image) && !isDecided) {
      checkLookUp(run, last, step, targetNameOf(run, image));
    }
    if (step.state !== "triggering" || last?.attempts === step.attempts) return;
    const isFirst = last === undefined || last.triggeredAt === null;
    const underWay = run.steps.filter(isUnderWay).length;
    mustHold(
      !isFirst || underWay <= pipeline.maxParallel,
      () => `run ${run.id} has ${underWay} steps under way; at most ${pipeline.maxParallel} allowed`,
    );
    for (const image of imagesBefore(pipeline, run, step)) {
      mustHold(
        wasPushedSince(image, runs.begunAt(run.id)),
        () => `step ${step.name} of run ${run.id} was triggered before ${image} was pushed in this run`,
      );
    }
  };

  /** A lost webhook costs time, never a build: the tag is looked up before a step is triggered again or fails. */
  const checkLookUp = (run: Run, last: StepRun, step: StepRun, image: string) => {
    const isSamePass = last.triggeredAt !== null && last.triggeredAt === step.triggeredAt;
    if (!isSamePass || (last.state !== "due" && last.state !== "building")) return;
    if (step.state !== "failed" && (step.state !== "triggering" || step.attempts === last.attempts)) return;
    const age = now() - (lookedUpAt.get(image) ?? 0);
    mustHold(
      age <= maxLookUpMs,
      () => `step ${step.name} of run ${run.id} is ${step.state} without a look-up`,
    );
  };

  const checkSuccess = (pipeline: Pipeline, run: Run) => {
    evidence.checkSuccess(pipeline, run);
    const scope = scopeOf(pipeline, run);
    for (const step of run.steps.filter(({ name }) => scope.has(name))) {
      const { state } = step;
      if (state === "fresh" || step.image === null) continue;
      const image = targetNameOf(run, step.image);
      const isNew = state === "done" && wasPushedSince(image, runs.begunAt(run.id));
      mustHold(isNew, () => `run ${run.id} succeeded, but ${image} was not pushed since it began`);
      for (const base of imagesBefore(pipeline, run, step)) {
        const isNewer = wasPushedSince(image, firstPush(base, runs.begunAt(run.id)) ?? now());
        mustHold(isNewer, () => `run ${run.id} succeeded, but ${image} is older than ${base}`);
      }
    }
  };

  /** A push that is already known, or a forged webhook, starts no run. */
  const checkPushedStart = (last: PipelineState | null, run: Run) => {
    const { pushedStep } = run;
    if (pushedStep === null || last?.run?.id === run.id) return;
    const image = run.steps.find(({ name }) => name === pushedStep)?.image ?? "";
    const known = last?.completions.find(({ step }) => step === pushedStep);
    // The known push may be of the image that the step had before a redeploy.
    const isSameImage = last?.run?.steps.some((step) => step.name === pushedStep && step.image === image);
    const since = known !== undefined && isSameImage ? known.at - 2 * maxLookUpMs : 0;
    mustHold(wasPushedSince(image, since), () => `run ${run.id} began without a new push of ${image}`);
  };

  const checkRun = (instance: Instance, run: Run, earlier: Run | null) => {
    const last = earlier?.id === run.id ? earlier : null;
    const pipeline = instance.pipelines.find(({ name }) => name === run.pipeline);
    const known = new Map(last?.steps.map((step) => [step.name, step]));
    for (const step of run.steps) {
      ends.follow(run, pipeline, known.get(step.name), step);
      if (pipeline !== undefined) checkStep(pipeline, run, known.get(step.name), step);
      triggers.follow(instance, run, known.get(step.name), step);
      evidence.checkStep(run, step);
      if (pipeline !== undefined) freshness.follow(pipeline, run, known.get(step.name), step);
    }
    promotions.follow(run, last);
    if (pipeline !== undefined && isDone(run) && (last === null || !isDone(last)))
      checkSuccess(pipeline, run);
  };

  return {
    ...triggers,
    ...runs,
    onReported: ends.onReported,
    onApplied: ends.onApplied,
    onSlot: accounts.onSlot,
    highestLimits: accounts.highestLimits,
    onSource: starts.onSource,
    onUpstream: starts.onUpstream,
    onAnswered: starts.onAnswered,
    stateOf: (pipeline) => states.get(pipeline) ?? null,
    runs: runs.size,
    onPut: (instance, before, after) => {
      learn(instance.pipelines);
      // A run is archived before the state is replaced; only the state counts here.
      if (after.sk?.S !== "state") return;
      const name = (after.pk?.S ?? "").slice("pipeline#".length);
      const version = Number(after.version?.N);
      const expected = Number(before?.version?.N ?? 0) + 1;
      mustHold(version === expected, () => `${name} went from version ${expected - 1} to ${version}`);
      const state = readState(after).state;
      const last = states.get(name) ?? null;
      const earlier = last?.run ?? null;
      states.set(name, state);
      runs.follow(earlier, state.run);
      starts.follow(instance, name, last, state);
      accounts.follow(instance, name, state);
      if (state.run === null) return;
      checkPushedStart(last, state.run);
      checkRun(instance, state.run, earlier);
    },
    onLookUp: (image) => void lookedUpAt.set(image, now()),
    onMove: (image, digest) => promotions.checkMove([...states.values()], image, digest),
    hasAnswered: (image) =>
      [...states.values()].some(({ run, completions }) =>
        run?.steps.some(
          (step) =>
            step.image === image &&
            (step.digestBefore !== null ||
              completions.some(({ step: name, digest }) => name === step.name && digest !== null)),
        ),
      ),
    checkQueuedRuns: () => {
      for (const [name, { run, queuedRun }] of states) {
        mustHold(
          run?.status === "running" || queuedRun === null,
          () => `${name} has a queued run that does not start`,
        );
      }
    },
    checkEnd: (items, pipelines) => {
      const last = [...states].flatMap(([name, { run, pendingConfirmations, outbox, queuedRun }]) => {
        mustHold(run?.status !== "running", () => `${name} has a run that does not end`);
        const isOpen = pendingConfirmations.length > 0 || outbox.length > 0 || queuedRun !== null;
        mustHold(!isOpen, () => `${name} has an open confirmation, outbox entry or queued run`);
        return run === null ? [] : run;
      });
      runs.checkEnd(
        items.filter(({ sk }) => sk?.S?.startsWith("run#")),
        last,
        pipelines,
      );
      const left = items.find(({ pk }) => pk?.S?.startsWith("account#"));
      mustHold(left === undefined, () => `${left?.pk?.S} still has ${left?.sk?.S}`);
      starts.checkEnd(pipelines);
      triggers.checkEnd();
    },
  };
}

/** All that it has to build is built. Once its tags are being moved, a changed configuration does not matter any more. */
function isDone({ status, promotion }: Run): boolean {
  return status === "succeeded" || isMovingTags(promotion);
}

function scopeOf({ steps }: Pipeline, { from }: Run): Set<string> {
  return withDescendants(steps, from ?? steps.map(({ name }) => name));
}

/** The images of the steps before this one that are part of the run, and that it builds. */
function imagesBefore(pipeline: Pipeline, run: Run, { name }: StepRun): string[] {
  const scope = scopeOf(pipeline, run);
  const after = pipeline.steps.find((step) => step.name === name)?.after ?? [];
  return run.steps
    .filter((other) => after.includes(other.name) && scope.has(other.name) && other.state !== "fresh")
    .flatMap(({ image }) => (image === null ? [] : targetNameOf(run, image)));
}
