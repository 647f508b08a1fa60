// The status of a pipeline, a run or a step as pages show it: a word, a tone (its colour) and an icon. Colour alone would
// exclude some readers.
import { findStep, type Pipeline } from "../../pipeline/pipeline.ts";
import { freshnessOf, mostBehind } from "../../run/freshness-of.ts";
import { isUnderWay, type PipelineState, type Run, type StepRun } from "../../run/state.ts";

export type Tone = "good" | "busy" | "bad" | "soon" | "calm";
export type Icon = "done" | "failed" | "building" | "due" | "waiting" | "skipped" | "cancelled" | "never";
export type Status = { word: string; tone: Tone; icon: Icon };

export const neverRun: Status = { word: "never run", tone: "calm", icon: "never" };

const steps: Record<StepRun["state"], Status> = {
  waiting: { word: "waiting", tone: "calm", icon: "waiting" },
  due: { word: "due", tone: "soon", icon: "due" },
  triggering: { word: "triggering", tone: "busy", icon: "building" },
  building: { word: "building", tone: "busy", icon: "building" },
  done: { word: "done", tone: "good", icon: "done" },
  failed: { word: "failed", tone: "bad", icon: "failed" },
  skipped: { word: "skipped", tone: "calm", icon: "skipped" },
  fresh: { word: "fresh", tone: "good", icon: "done" },
};

const runs: Record<Run["status"], Status> = {
  running: { word: "running", tone: "busy", icon: "building" },
  succeeded: { word: "succeeded", tone: "good", icon: "done" },
  failed: { word: "failed", tone: "bad", icon: "failed" },
  cancelled: { word: "cancelled", tone: "calm", icon: "cancelled" },
};

/** A gate builds nothing. */
const gates: Partial<typeof steps> = {
  building: { word: "deciding", tone: "soon", icon: "due" },
  done: { word: "passed", tone: "good", icon: "done" },
};

export function stepStatus({ state, image }: Pick<StepRun, "state" | "image">): Status {
  return (image === null ? gates[state] : undefined) ?? steps[state];
}

export function runStatus({ status }: Pick<Run, "status">): Status {
  return runs[status];
}

/** The status for an entry of a run's log: that of a step, of a gate or of the run. */
export function loggedStatus(state: string, isGate: boolean): Status {
  const known = new Map<string, Status>([
    ...Object.entries(steps),
    ...Object.entries(runs),
    ...(isGate ? Object.entries(gates) : []),
  ]);
  return known.get(state) ?? { word: state, tone: "calm", icon: "waiting" };
}

export type PipelineStatus = Status & {
  /** Since when; null if the pipeline has never run. */
  at: number | null;
};

export const staleWord = "stale";

export type KnownState = Pick<PipelineState, "run" | "look" | "completions">;

/** How fresh a pipeline's images are, judged by its last run and by what a look at the registries found since. */
export function pipelineStatus(pipeline: Pipeline, state: KnownState): PipelineStatus {
  const { run, look } = state;
  const isLooked = look !== null && (run === null || (run.status === "succeeded" && run.endedAt < look.at));
  if (isLooked) {
    const images = freshnessOf(pipeline, look, state);
    const behind = mostBehind(images);
    if (behind !== null) return { word: staleWord, tone: "soon", icon: "due", at: behind.since };
    const isFresh = images.every((image) => image.state === "fresh");
    if (run === null && isFresh) return { ...runs.succeeded, word: "fresh", at: look.at };
  }
  if (run === null) return { ...neverRun, at: null };
  if (run.status === "succeeded") return { ...runs.succeeded, word: "fresh", at: run.endedAt };
  if (run.status !== "running") return { ...runs[run.status], at: run.endedAt };
  if (run.stalledAt !== null) return { word: "stalled", tone: "soon", icon: "due", at: run.stalledAt };
  const underWay = run.steps.filter(isUnderWay);
  const approvals = approvalsAwaited(pipeline, run);
  if (approvals.length > 0 && approvals.length === underWay.length) {
    const since = Math.min(...approvals.map(({ triggeredAt }) => triggeredAt ?? run.startedAt));
    return { word: "waiting for approval", tone: "soon", icon: "due", at: since };
  }
  return { ...runs.running, word: "building", at: run.startedAt };
}

/** The gates that wait for a person. */
export function approvalsAwaited(pipeline: Pipeline, run: Run | null): StepRun[] {
  if (run?.status !== "running") return [];
  return run.steps.filter(
    (stepRun) =>
      stepRun.image === null &&
      isUnderWay(stepRun) &&
      findStep(pipeline, stepRun.name)?.trigger.kind === "approval",
  );
}
