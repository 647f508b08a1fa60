// Pushes that are waiting for their registry's confirmation, at most one per step.
import type { PendingConfirmation, PipelineState } from "./state.ts";

export function isConfirmationPending({ pendingConfirmations }: PipelineState, step: string): boolean {
  return pendingConfirmations.some((pending) => pending.step === step);
}

export function addPending(state: PipelineState, added: PendingConfirmation): PipelineState {
  const others = state.pendingConfirmations.filter(({ step }) => step !== added.step);
  return { ...state, pendingConfirmations: [...others, added] };
}

export function dropPending(state: PipelineState, name: string): PipelineState {
  const others = state.pendingConfirmations.filter(({ step }) => step !== name);
  return others.length === state.pendingConfirmations.length
    ? state
    : { ...state, pendingConfirmations: others };
}
