// In a terminal, the progress of runs is drawn; of the log, only what went wrong beside it is said, and what
// simulated channels would have been told.
import { styleText } from "node:util";
import type { Log } from "../../../shared/log/log.ts";
import type { Progress } from "./progress.ts";

export function createTerminalLog(progress: Progress): Log {
  return (level, { event, pipeline, step, reason, ...more }) => {
    if (event === "notice.simulated") {
      progress.say(`${more.channel} (${more.kind}) would be told: ${more.text}`);
      return;
    }
    // What becomes of runs and steps is drawn already.
    if (level === "info" || /^(?:run|step)\.|^notice$/.test(event)) return;
    const about = [pipeline, step].filter((name) => name !== undefined && name !== null).join(" ");
    const words = [event, about, reason].filter(Boolean).join(": ");
    progress.say(styleText(level === "error" ? "red" : "yellow", words));
  };
}
