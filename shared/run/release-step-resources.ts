// Releases what a step no longer needs, whatever ended it: its slot, and a build that its run no longer waits for.
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import type { Action, Decision } from "./event.ts";
import { findStepRun, isUnderWay, type PipelineState, type StepRun, type StepUnderWay } from "./state.ts";

export function releaseStepResources(
  pipeline: Pipeline,
  before: PipelineState,
  decision: Decision,
): Decision {
  const { run } = before;
  if (run?.status !== "running" || decision.state === before) return decision;
  const { state, replacedRun } = decision;
  const after = [state.run, replacedRun].find((other) => other?.id === run.id) ?? null;
  const actions = run.steps.flatMap((stepRun) => {
    if (!isUnderWay(stepRun)) return [];
    const later = findStepRun(after, stepRun.name);
    if (later === stepRun) return [];
    return [...releaseSlot(run.id, stepRun, later), ...stopBuild(pipeline, run.id, stepRun, later)];
  });
  return actions.length === 0 ? decision : { ...decision, actions: [...actions, ...decision.actions] };
}

/** Also if the step is under way again, with another account or after a retry. */
function releaseSlot(runId: string, { name, slot }: StepUnderWay, later: StepRun | undefined): Action[] {
  const isKept = later !== undefined && isUnderWay(later) && later.slot?.since === slot?.since;
  if (slot === null || (isKept && later.slot?.account === slot.account)) return [];
  return [{ kind: "releaseSlot", runId, step: name, account: slot.account, since: slot.since }];
}

function stopBuild(
  pipeline: Pipeline,
  runId: string,
  { name, triggeredAt, attempts, build }: StepUnderWay,
  later: StepRun | undefined,
): Action[] {
  const isByPush = findStep(pipeline, name)?.endedBy === "push";
  const isKept =
    later?.state === "done" ||
    (later !== undefined && isUnderWay(later) && later.triggeredAt === triggeredAt);
  if (isByPush || triggeredAt === null || isKept) return [];
  return [{ kind: "stopBuild", runId, step: name, attempt: attempts, build }];
}
