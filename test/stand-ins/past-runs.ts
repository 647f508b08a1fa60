// Makes past runs of a pipeline and stores them as if they had happened.
import { hasImage, imageNameOf, type Pipeline } from "../../shared/pipeline/pipeline.ts";
import { baseStepsOf } from "../../shared/run/bases.ts";
import { makeRunId } from "../../shared/run/run-id.ts";
import {
  type EndedRun,
  emptyState,
  type Run,
  type RunLogEntry,
  type StepRun,
} from "../../shared/run/state.ts";
import type { Store } from "../../shared/store/store.ts";
import { digestOfText } from "./images.ts";

export type Past = {
  startedAt: number;
  cause?: Run["cause"];
  /** How long each step takes. */
  takesMs: (step: string, index: number) => number;
  /** The step at which it fails, and why. */
  fails?: { step: string; reason: string };
  /** The current instant, for a run that is still active. */
  now?: number;
  /** The build reference in the answer to each trigger. */
  buildOf?: (step: string) => StepRun["build"];
};

/** A run like the relay would leave it: each step begins when all steps before it are done. */
export function pastRun(pipeline: Pipeline, past: Past): Run {
  const { startedAt, takesMs, fails, now = Number.POSITIVE_INFINITY, buildOf = () => null } = past;
  const ends = new Map<string, number>();
  const steps = pipeline.steps.map((step, index): StepRun => {
    const { name, after } = step;
    const begin = Math.max(startedAt, ...after.map((other) => ends.get(other) ?? Number.POSITIVE_INFINITY));
    const end = begin + takesMs(name, index);
    const known = {
      name,
      image: imageNameOf(step),
      retriesUsed: 0,
      digestBefore: null,
      pushed: null,
      slot: null,
    };
    const waiting = { ...known, attempts: 0, triggeredAt: null, build: null };
    if (begin === Number.POSITIVE_INFINITY) return { ...waiting, state: fails ? "skipped" : "waiting" };
    if (begin > now) return { ...waiting, state: "waiting" };
    const begun = { ...known, attempts: 1, triggeredAt: begin, build: buildOf(name) };
    if (fails?.step === name)
      return { ...begun, attempts: 2, state: "failed", failedAt: end, reason: fails.reason };
    if (end > now) return { ...begun, state: "building", wakeAt: end + 1e9, giveUpAt: end + 1e9, lookUps: 0 };
    ends.set(name, end);
    const pushed = hasImage(step)
      ? pushedImage(
          name,
          baseStepsOf(pipeline, step).map((base) => base.name),
        )
      : null;
    const digestBefore = pushed === null ? null : digestOfText(`${name} before`);
    return { ...begun, digestBefore, pushed, state: "done", doneAt: end, reportedBy: "webhook" };
  });
  const run = {
    id: makeRunId(pipeline.name, startedAt, (startedAt % 997) / 997),
    pipeline: pipeline.name,
    cause: past.cause ?? "schedule",
    from: null,
    pushedStep: null,
    because: null,
    onlyStale: false,
    startedAt,
    promotion: pipeline.promotesTogether ? ({ phase: "building" } as const) : null,
    stalledAt: null,
    log: logOf(steps, startedAt),
    steps,
  };
  if (steps.some(({ state }) => state === "building")) return { ...run, status: "running" };
  const endedAt = Math.max(startedAt, ...run.log.map(({ at }) => at));
  return { ...run, status: fails === undefined ? "succeeded" : "failed", endedAt };
}

function pushedImage(name: string, after: readonly string[]): StepRun["pushed"] {
  return {
    digest: digestOfText(name),
    platforms: ["linux/amd64", "linux/arm64"],
    standsOn: after.map((step, index) => ({
      base: { kind: "step", step },
      digest: digestOfText(step),
      // An image is built from one base, and may copy files from others.
      verdict: index === 0 ? "proven" : "unknown",
    })),
  };
}

function logOf(steps: readonly StepRun[], startedAt: number): RunLogEntry[] {
  const entries = steps.flatMap((step): RunLogEntry[] => {
    if (step.triggeredAt === null) return [];
    const entry = { step: step.name, attempt: step.attempts, reason: null };
    const begun = { ...entry, at: step.triggeredAt, state: "building" };
    if (step.state === "done") return [begun, { ...entry, at: step.doneAt, state: "done" }];
    if (step.state !== "failed") return [begun];
    return [begun, { ...entry, at: step.failedAt, state: "failed", reason: step.reason }];
  });
  const started = { at: startedAt, step: null, state: "running", attempt: 0, reason: null };
  return [started, ...entries.toSorted((a, b) => a.at - b.at)];
}

/** Oldest first. */
export async function keepRuns(store: Store, pipeline: Pipeline, runs: readonly Run[]): Promise<void> {
  let replaced: EndedRun | null = null;
  for (const run of runs) {
    const saved = await store.save(
      pipeline.name,
      await store.load(pipeline.name),
      { ...emptyState, run },
      replaced,
    );
    if (saved.kind !== "saved") throw new Error("expected to be the only writer, found another version");
    replaced = run.status === "running" ? null : run;
  }
}
