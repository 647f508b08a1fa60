// How a command's end is told, for people.
import type { How } from "./kept-files.ts";

export type End = { kind: "succeeded" } | { kind: "failed"; reason: string };

export function endOf(how: How, timeoutMs: number, lastLine: string | null): End {
  if (how.kind === "exited" && how.code === 0) return { kind: "succeeded" };
  return { kind: "failed", reason: reasonOf(how, timeoutMs, lastLine) };
}

function reasonOf(how: How, timeoutMs: number, lastLine: string | null): string {
  switch (how.kind) {
    case "exited":
      return `exited with ${how.code}${lastLine === null ? "" : `: ${lastLine}`}`;
    case "signalled":
      return `was stopped by ${how.signal}`;
    case "timedOut":
      return `took longer than ${durationWords(timeoutMs)} and was stopped`;
    case "stopped":
      return "was stopped";
    case "lost":
      return "ended with the machine";
    case "neverStarted":
      return "was not started: the program ended before";
    default:
      return how satisfies never;
  }
}

/** As in the configuration: `2h`, `1h30m`. */
function durationWords(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  const amounts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  const words = amounts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${amount}${unit}`]));
  return words.length === 0 ? `${durationMs}ms` : words.join("");
}
