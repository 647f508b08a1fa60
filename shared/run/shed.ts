// Makes a state smaller by what it only tells, for a pipeline with so many steps that its state would not fit in an item.
import type { OutboxEntry, PipelineState, Run, StepRun } from "./state.ts";

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
  const log = shed.log === 0 ? [] : run.log.slice(-shed.log);
  return { ...run, log, steps: run.steps.map((stepRun) => shedStep(stepRun, shed)) };
}

function shedStep(stepRun: StepRun, shed: Shed): StepRun {
  const { build, pushed } = stepRun;
  const shorter = {
    ...stepRun,
    build: build === null || shed.isUrlKept ? build : { ...build, url: null },
    // The completion of the step keeps what it stands on.
    pushed: pushed === null || shed.isEvidenceKept ? pushed : { ...pushed, standsOn: [] },
  };
  if (!("reason" in shorter) || shorter.reason === null) return shorter;
  return { ...shorter, reason: cut(shorter.reason, shed) };
}

function shedEntry(entry: OutboxEntry, shed: Shed): OutboxEntry {
  if (entry.kind !== "notify") return entry;
  const all = entry.failed.map((failure) => ({ ...failure, reason: cut(failure.reason, shed) }));
  // It was shed before, and its last line counts the rest.
  if (all.length <= shed.failures + 1) return { ...entry, failed: all };
  const failed = all.slice(0, shed.failures);
  const more = entry.failed.length - failed.length;
  const rest = { step: `and ${more} more`, reason: "see the run", attempts: 0 };
  return { ...entry, failed: [...failed, rest] };
}

function cut(text: string, { reason: max }: Shed): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}
