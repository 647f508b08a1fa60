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
    if (!isUnderWay(step)) return [];
    const now = after?.steps.find(({ name }) => name === step.name);
    return [...freeSlot(run.id, step, now), ...stopBuild(pipeline, run.id, step, now)];
  });
  return actions.length === 0 ? decision : { ...decision, actions: [...actions, ...decision.actions] };
}

/** Also where the step is under way again, on another account or in another pass. */
function freeSlot(runId: string, { name, slot }: StepUnderWay, now: StepRun | undefined): Action[] {
  const isKept = now !== undefined && isUnderWay(now) && now.slot?.since === slot?.since;
  if (slot === null || (isKept && now.slot?.account === slot.account)) return [];
  return [{ kind: "freeSlot", runId, step: name, account: slot.account, since: slot.since }];
}

function stopBuild(
  { steps }: Pipeline,
  runId: string,
  { name, triggeredAt, attempts }: StepUnderWay,
  now: StepRun | undefined,
): Action[] {
  const isByPush = steps.find((step) => step.name === name)?.endedBy === "push";
  const isKept =
    now?.state === "done" || (now !== undefined && isUnderWay(now) && now.triggeredAt === triggeredAt);
  if (isByPush || triggeredAt === null || isKept) return [];
  return [{ kind: "stopBuild", runId, step: name, attempt: attempts }];
}
