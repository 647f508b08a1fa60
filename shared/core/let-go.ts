// Lets go of what steps had and need no longer: their slot, and a build that nobody waits for any more.
import type { Action, Decision } from "./event.ts";
import type { Pipeline } from "./pipeline.ts";
import { isUnderWay, type PipelineState, type StepRun, type StepUnderWay } from "./run.ts";

/** In one place, whatever it is that has ended a step. */
export function letGo(pipeline: Pipeline, before: PipelineState, decision: Decision): Decision {
  const { run } = before;
  if (run?.status !== "running" || decision.state === before) return decision;
  const { state, replaced } = decision;
  const after = [state.run, replaced].find((other) => other?.id === run.id);
  const actions = run.steps.flatMap((step) => {
    const now = after?.steps.find(({ name }) => name === step.name);
    const isOver = now === undefined || !isUnderWay(now);
    return isUnderWay(step) && isOver ? release(pipeline, run.id, step, now) : [];
  });
  return actions.length === 0 ? decision : { ...decision, actions: [...actions, ...decision.actions] };
}

function release(
  { steps }: Pipeline,
  runId: string,
  { name, slot, triggeredAt, attempts }: StepUnderWay,
  now: StepRun | undefined,
): Action[] {
  const isByBuilder = steps.find((step) => step.name === name)?.endedBy === "builder";
  const isLeft = isByBuilder && triggeredAt !== null && now?.state !== "done";
  return [
    ...(slot === null ? [] : [{ kind: "freeSlot", runId, step: name, account: slot.account } as const]),
    ...(isLeft ? [{ kind: "stopBuild", runId, step: name, attempt: attempts } as const] : []),
  ];
}
