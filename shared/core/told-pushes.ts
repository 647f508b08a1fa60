// The pushes that webhooks have told of and that are still to be confirmed: one for a step at most.
import type { PipelineState, ToldPush } from "./run.ts";

export function isBeingConfirmed({ told }: PipelineState, step: string): boolean {
  return told.some((entry) => entry.step === step);
}

export function putTold(state: PipelineState, told: ToldPush): PipelineState {
  return { ...state, told: [...state.told.filter(({ step }) => step !== told.step), told] };
}

export function dropTold(state: PipelineState, name: string): PipelineState {
  const told = state.told.filter(({ step }) => step !== name);
  return told.length === state.told.length ? state : { ...state, told };
}
