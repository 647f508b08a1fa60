// What happens in a simulated world, in words; they are made only where somebody reads them.
import { imageName } from "../../shared/core/image.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { PipelineState, StepRun } from "../../shared/core/run.ts";

export type Tell = (line: () => string) => void;

export function createTell(say: ((line: string) => void) | null, now: () => number): Tell {
  if (say === null) return () => undefined;
  return (line) => say(`${new Date(now()).toISOString().slice(5, 23)}  ${line()}`);
}

export function describePipeline({ name, steps }: Pipeline): string {
  const described = steps.map(({ name: step, image, after, ...settings }) => {
    const order = after.length > 0 ? ` after ${after.join("+")}` : "";
    const { timeoutMs, retries, trigger, endedBy, account } = settings;
    const by = endedBy === "builder" ? "command" : Object.keys(trigger).join();
    const limit = account === null ? "" : `, ${account.name} does ${account.maxParallel}`;
    return `${step}=${imageName(image)}${order} (${by}, ${timeoutMs / 3_600_000}h, ${retries} retries${limit})`;
  });
  return `${name}: ${described.join(", ")}`;
}

export function describeState(state: PipelineState | null): string {
  if (state === null) return "nothing";
  const { run, told, errands, next } = state;
  const steps = run?.steps
    .map(({ name, state: now, attempts, slot }) => `${name} ${now} ${attempts}${describeSlot(slot)}`)
    .join(", ");
  const toDo = errands.map((errand) =>
    errand.kind === "notify" ? errand.subject : `start ${errand.pipeline}`,
  );
  const open = [
    ...told.map(({ step }) => `told of ${step}`),
    ...toDo,
    ...(next === null ? [] : [`next, from ${next.from?.join("+") ?? "all"}`]),
  ].join(", ");
  return `${run?.id} ${run?.status}: ${steps}${open === "" ? "" : ` (${open})`}`;
}

function describeSlot(slot: StepRun["slot"]): string {
  if (slot === null) return "";
  return slot.isHeld ? ` (${slot.account})` : ` (waits for ${slot.account})`;
}
