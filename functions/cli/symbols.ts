// Coloured symbols for the status of runs and the state of steps.
import { styleText } from "node:util";
import type { RunAnswer, RunStepAnswer } from "../../shared/http/api/answers.ts";

export function statusSymbol(status: RunAnswer["status"]): string {
  switch (status) {
    case "running":
      return styleText("cyan", "▸");
    case "succeeded":
      return styleText("green", "✔");
    case "failed":
      return styleText("red", "✘");
    case "cancelled":
      return styleText("yellow", "∅");
  }
}

export function stateSymbol(state: RunStepAnswer["state"]): string {
  switch (state) {
    case "waiting":
    case "skipped":
      return styleText("dim", "·");
    case "due":
      return styleText("yellow", "◷");
    case "triggering":
    case "building":
      return statusSymbol("running");
    case "done":
    case "fresh":
      return statusSymbol("succeeded");
    case "failed":
      return statusSymbol("failed");
  }
}
