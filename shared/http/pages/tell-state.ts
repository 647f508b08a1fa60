// What a pipeline, a run or a step is, in a word, a tone (its colour) and an icon: never by colour alone.
import { isUnderWay, type PipelineState, type Run, type StepRun } from "../../core/run.ts";

export type Tone = "good" | "busy" | "bad" | "soon" | "calm";
export type Icon = "done" | "failed" | "building" | "due" | "waiting" | "skipped" | "cancelled" | "never";
export type Told = { word: string; tone: Tone; icon: Icon };

export const neverRun: Told = { word: "never run", tone: "calm", icon: "never" };

const steps: Record<StepRun["state"], Told> = {
  waiting: { word: "waiting", tone: "calm", icon: "waiting" },
  due: { word: "due", tone: "soon", icon: "due" },
  triggering: { word: "triggering", tone: "busy", icon: "building" },
  building: { word: "building", tone: "busy", icon: "building" },
  done: { word: "done", tone: "good", icon: "done" },
  failed: { word: "failed", tone: "bad", icon: "failed" },
  skipped: { word: "skipped", tone: "calm", icon: "skipped" },
};

const runs: Record<Run["status"], Told> = {
  running: { word: "running", tone: "busy", icon: "building" },
  succeeded: { word: "succeeded", tone: "good", icon: "done" },
  failed: { word: "failed", tone: "bad", icon: "failed" },
  cancelled: { word: "cancelled", tone: "calm", icon: "cancelled" },
};

export function tellStep({ state }: Pick<StepRun, "state">): Told {
  return steps[state];
}

export function tellRun({ status }: Pick<Run, "status">): Told {
  return runs[status];
}

/** A state as the log of a run has it: a step's, or the run's own. */
export function tellLogged(state: string): Told {
  const known = new Map<string, Told>([...Object.entries(steps), ...Object.entries(runs)]);
  return known.get(state) ?? { word: state, tone: "calm", icon: "waiting" };
}

export type PipelineStatus = Told & {
  /** Since when it is so; null for what never ran. */
  at: number | null;
};

/** How fresh a pipeline's images are, as far as its last run tells. */
export function tellPipeline({ run }: Pick<PipelineState, "run">): PipelineStatus {
  if (run === null) return { ...neverRun, at: null };
  if (run.status === "succeeded") return { ...runs.succeeded, word: "fresh", at: run.endedAt };
  if (run.status !== "running") return { ...runs[run.status], at: run.endedAt };
  if (run.stalledAt !== null) return { word: "stalled", tone: "soon", icon: "due", at: run.stalledAt };
  return { ...runs.running, word: "building", at: run.startedAt };
}

export type Progress = { done: number; all: number; underWay: StepRun[] };

/** Of a run that began in the middle, what it never came to counts for nothing. */
export function progressOf({ steps: all, from }: Run): Progress {
  const counted = from === null ? all : all.filter(({ state }) => state !== "skipped");
  return {
    done: counted.filter(({ state }) => state === "done").length,
    all: counted.length,
    underWay: counted.filter(isUnderWay),
  };
}

export function progressWords(run: Run): string {
  const { done, all } = progressOf(run);
  return all === 0 ? "nothing done" : `${done} of ${all} done`;
}

/** When a step's work ended, or now while it is under way; null where it never began. */
export function endOfStep(step: StepRun, run: Run, now: number): number | null {
  if (step.triggeredAt === null) return null;
  if (step.state === "done") return step.doneAt;
  if (step.state === "failed") return step.failedAt;
  return run.status === "running" ? now : run.endedAt;
}

export function endOfRun(run: Run, now: number): number {
  return run.status === "running" ? now : run.endedAt;
}
