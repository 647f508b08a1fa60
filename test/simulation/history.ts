// What happens in a simulated world, in words; they are made only where somebody reads them.
import { imageName } from "../../shared/core/image.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { PipelineState } from "../../shared/core/run.ts";

export type Tell = (line: () => string) => void;

export function createTell(say: ((line: string) => void) | null, now: () => number): Tell {
  if (say === null) return () => undefined;
  return (line) => say(`${new Date(now()).toISOString().slice(5, 23)}  ${line()}`);
}

export function describePipeline({ name, steps }: Pipeline): string {
  const described = steps.map(({ name: step, image, after, timeoutMs, retries }) => {
    const order = after.length > 0 ? ` after ${after.join("+")}` : "";
    return `${step}=${imageName(image)}${order} (${timeoutMs / 3_600_000}h, ${retries} retries)`;
  });
  return `${name}: ${described.join(", ")}`;
}

export function describeState(state: PipelineState | null): string {
  if (state === null) return "nothing";
  const { run, told, errands } = state;
  const steps = run?.steps.map(({ name, state: now, attempts }) => `${name} ${now} ${attempts}`).join(", ");
  const toDo = errands.map((errand) =>
    errand.kind === "notify" ? errand.subject : `start ${errand.pipeline}`,
  );
  const open = [...told.map(({ step }) => `told of ${step}`), ...toDo].join(", ");
  return `${run?.id} ${run?.status}: ${steps}${open === "" ? "" : ` (${open})`}`;
}
