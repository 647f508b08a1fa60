// Describes what happens in a simulated world. The texts are only built if they are printed.
import { imageName } from "../../shared/image/image.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import type { PipelineState, StepRun } from "../../shared/run/state.ts";

export type Trace = (line: () => string) => void;

export function createTrace(print: ((line: string) => void) | null, now: () => number): Trace {
  if (print === null) return () => undefined;
  return (line) => print(`${new Date(now()).toISOString().slice(5, 23)}  ${line()}`);
}

export function describePipeline({ name, steps }: Pipeline): string {
  const described = steps.map(({ name: step, image, after, ...configured }) => {
    const order = after.length > 0 ? ` after ${after.join("+")}` : "";
    const { timeoutMs, retries, trigger, endedBy, account } = configured;
    const by = endedBy === "builder" ? "command" : trigger.kind;
    const limit = account === null ? "" : `, at most ${account.maxParallel} on ${account.name}`;
    return `${step}=${image === null ? "gate" : imageName(image)}${order} (${by}, ${timeoutMs / 3_600_000}h, ${retries} retries${limit})`;
  });
  return `${name}: ${described.join(", ")}`;
}

export function describeState(state: PipelineState | null): string {
  if (state === null) return "nothing";
  const { run, pendingConfirmations, outbox, queuedRun } = state;
  const steps = run?.steps
    .map((stepRun) => {
      const { name, state: now, attempts, slot } = stepRun;
      const why = now === "failed" ? ` (${stepRun.reason})` : "";
      return `${name} ${now} ${attempts}${describeSlot(slot)}${why}`;
    })
    .join(", ");
  const toDo = outbox.map((entry) => (entry.kind === "notify" ? entry.subject : `start ${entry.pipeline}`));
  const open = [
    ...pendingConfirmations.map(({ step }) => `confirm ${step}`),
    ...toDo,
    ...(queuedRun === null ? [] : [`queued from ${queuedRun.from?.join("+") ?? "all"}`]),
  ].join(", ");
  const phase = run?.promotion == null ? "" : ` (${run.promotion.phase})`;
  return `${run?.id} ${run?.status}${phase}: ${steps}${open === "" ? "" : ` (${open})`}`;
}

function describeSlot(slot: StepRun["slot"]): string {
  if (slot === null) return "";
  return slot.isHeld ? ` (${slot.account})` : ` (waiting for ${slot.account})`;
}
