// Writes a state or a run so that it fits in an item: a large one is stored without some of what it only tells.

import { shedRun, shedState, sheds } from "../../run/shed.ts";
import type { EndedRun, PipelineState } from "../../run/state.ts";
import { writePlain, writeStored } from "./stored-json.ts";

/** DynamoDB accepts items of 409,600 bytes, with the keys and the other attributes. */
const maxLetters = 400_000;

export type Fitted<T> = { value: T; text: string };

/** A state with more is large, and is not written whole only to find that out. */
const mostPlainSteps = 40;

/** A small state need not be packed where a write is not paid by the kilobyte: to pack it takes longer than to write it. */
export function fitState(state: PipelineState, mayBePlain = false): Fitted<PipelineState> {
  const mayBeSmall = (state.run?.steps.length ?? 0) <= mostPlainSteps;
  const plain = mayBePlain && mayBeSmall ? writePlain(state) : null;
  return plain === null ? shrink(state, shedState) : { value: state, text: plain };
}

export const fitRun = (run: EndedRun): Fitted<EndedRun> => shrink(run, shedRun);

/** What does not fit even so is left to DynamoDB to refuse; the configuration is refused before it comes to that. */
function shrink<T>(value: T, shedIt: (value: T, shed: (typeof sheds)[number]) => T): Fitted<T> {
  let fitted: Fitted<T> = { value, text: writeStored(value) };
  for (const shed of sheds) {
    if (fitted.text.length <= maxLetters) break;
    const smaller = shedIt(value, shed);
    fitted = { value: smaller, text: writeStored(smaller) };
  }
  return fitted;
}
