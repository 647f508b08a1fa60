// The log in a terminal: prints warnings and errors that the drawn runs do not show, and simulated notices.
import { styleText } from "node:util";
import type { Log } from "../log.ts";
import type { Progress } from "./progress.ts";

export function createTerminalLog(progress: Progress): Log {
  return (level, { event, pipeline, step, reason, ...more }) => {
    if (event === "notice.simulated") {
      progress.say(`${more.channel} (${more.kind}) would get: ${more.text}`);
      return;
    }
    // Runs and steps are drawn already.
    if (level === "info" || /^(?:run|step)\.|^notice$/.test(event)) return;
    const about = [pipeline, step].filter((name) => name !== undefined && name !== null).join(" ");
    const line = [event, about, reason].filter(Boolean).join(": ");
    progress.say(styleText(level === "error" ? "red" : "yellow", line));
  };
}
