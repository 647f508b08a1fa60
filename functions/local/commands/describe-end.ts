// Says why a command failed.
import type { BuildEnd } from "../../../shared/kinds/builder.ts";
import type { Ending } from "./command-files.ts";

export function describeEnd(ending: Ending, timeoutMs: number, lastLine: string | null): BuildEnd {
  if (ending.kind === "exited" && ending.code === 0) return { kind: "succeeded" };
  return { kind: "failed", reason: reasonOf(ending, timeoutMs, lastLine) };
}

function reasonOf(ending: Ending, timeoutMs: number, lastLine: string | null): string {
  switch (ending.kind) {
    case "exited":
      return `exited with ${ending.code}${lastLine === null ? "" : `: ${lastLine}`}`;
    case "signalled":
      return `was stopped by ${ending.signal}`;
    case "timedOut":
      return `took longer than ${formatTimeout(timeoutMs)} and was stopped`;
    case "stopped":
      return "was stopped";
    case "lost":
      return "ended unexpectedly: the machine restarted, or its supervising process was killed";
    case "neverStarted":
      return "was not started: the program ended first, or its supervising process could not be started";
    default:
      return ending satisfies never;
  }
}

/** As in the configuration: `2h`, `1h30m`. */
function formatTimeout(timeoutMs: number): string {
  const seconds = Math.floor(timeoutMs / 1000);
  const amounts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  const parts = amounts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${amount}${unit}`]));
  return parts.length === 0 ? `${timeoutMs}ms` : parts.join("");
}
