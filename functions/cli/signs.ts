// The signs and colours for what has become of runs and steps.
import { styleText } from "node:util";
import type { RunAnswer, RunStepAnswer } from "../../shared/http/api-answers.ts";

export function statusSign(status: RunAnswer["status"]): string {
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

export function stateSign(state: RunStepAnswer["state"]): string {
  switch (state) {
    case "waiting":
    case "skipped":
      return styleText("dim", "·");
    case "due":
      return styleText("yellow", "◷");
    case "triggering":
    case "building":
      return statusSign("running");
    case "done":
      return statusSign("succeeded");
    case "failed":
      return statusSign("failed");
  }
}
