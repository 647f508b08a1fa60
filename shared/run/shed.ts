// Makes a state smaller by what it only tells, for a pipeline with so many steps that its state would not fit in an item.
import { type OutboxEntry, type PipelineState, type Run, reasonOf, type StepRun } from "./state.ts";

/** What is kept. */
type Shed = { log: number; reason: number; failures: number; isEvidenceKept: boolean; isUrlKept: boolean };

/** Each gives up more than the one before. None changes what is decided, nor when the sweep looks at the pipeline. */
export const sheds: readonly Shed[] = [
  { log: 20, reason: 300, failures: 50, isEvidenceKept: true, isUrlKept: true },
  { log: 0, reason: 60, failures: 20, isEvidenceKept: false, isUrlKept: true },
  { log: 0, reason: 0, failures: 5, isEvidenceKept: false, isUrlKept: false },
];

export function shedState(state: PipelineState, shed: Shed): PipelineState {
  const { run, outbox, look } = state;
  const images = look?.images.map((image) => ({ ...image, because: cut(image.because, shed) }));
  return {
    ...state,
    run: run === null ? null : shedRun(run, shed),
    outbox: outbox.map((entry) => shedEntry(entry, shed)),
    look: look === null ? null : { ...look, images: images ?? [] },
  };
}

export function shedRun<R extends Run>(run: R, shed: Shed): R {
  const steps = run.steps.map((stepRun) => shedStep(stepRun, shed));
  const isShorter = steps.some((stepRun, place) => stepRun !== run.steps[place]);
  return withShorterLog({ ...run, ...(isShorter ? { isShortened: true } : {}), steps }, shed.log);
}

/** Keeps the latest changes, and counts the others. */
export function withShorterLog<R extends Run>(run: R, maxEntries: number): R {
  const more = run.log.length - maxEntries;
  return more <= 0 ? run : { ...run, log: run.log.slice(more), logLeftOut: (run.logLeftOut ?? 0) + more };
}

/** The same step if it loses nothing. */
function shedStep(stepRun: StepRun, shed: Shed): StepRun {
  const { build, pushed } = stepRun;
  const reason = reasonOf(stepRun);
  const losesUrl = !shed.isUrlKept && build !== null && build.url !== null;
  // The completion of the step keeps what it stands on.
  const losesEvidence = !shed.isEvidenceKept && pushed !== null && pushed.standsOn.length > 0;
  const shorter = reason === null ? null : cut(reason, shed);
  if (!losesUrl && !losesEvidence && shorter === reason) return stepRun;
  const rest = {
    ...stepRun,
    build: losesUrl ? { ...build, url: null } : build,
    pushed: losesEvidence ? { ...pushed, standsOn: [] } : pushed,
  };
  return "reason" in rest && rest.reason !== null && shorter !== null ? { ...rest, reason: shorter } : rest;
}

function shedEntry(entry: OutboxEntry, shed: Shed): OutboxEntry {
  if (entry.kind !== "notify") return entry;
  const failed = entry.failed
    .slice(0, shed.failures)
    .map((failure) => ({ ...failure, reason: cut(failure.reason, shed) }));
  const more = entry.failed.length - failed.length;
  if (more === 0) return { ...entry, failed };
  return { ...entry, failed, failedLeftOut: (entry.failedLeftOut ?? 0) + more };
}

function cut(text: string, { reason: max }: Shed): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}
