// Reads the log of all starts of the program: which triggers it knew to be accepted, and the last lines.
import * as z from "zod";

const line = z.object({
  at: z.string(),
  event: z.string(),
  run: z.string().nullish(),
  step: z.string().nullish(),
});

export type ProgramLog = {
  /** Adds the log of a life (one start until its end), and how it ended. */
  read: (life: number, text: string, end: string) => void;
  /** True if a life logged, since the instant, that a step's trigger was accepted. */
  wasLoggedAsAccepted: (life: number, runId: string, step: string, sinceMs: number) => boolean;
  /** Errors that the program caused itself. */
  problems: string[];
  /** The last lines about these runs and the ends of lives; all last lines if there are no runs. */
  lastLines: (runIds: readonly string[]) => string[];
};

const ownFailures = new Set(["request.failed", "sweep.failed", "schedules.failed", "expiry.failed"]);
const maxLines = 100;

export function createProgramLog(): ProgramLog {
  const accepted = new Map<string, number>();
  const problems: string[] = [];
  const all: { text: string; isEnd: boolean }[] = [];
  return {
    read: (life, text, end) => {
      const lines = text.split("\n").filter((written) => written !== "");
      all.push(...lines.map((written) => ({ text: `life ${life}: ${written}`, isEnd: false })));
      all.push({ text: `life ${life}: ${end}`, isEnd: true });
      for (const written of lines) {
        const entry = readLine(written);
        // Only the last line of a life may be incomplete.
        if (entry === null && written !== lines.at(-1)) problems.push(`not a log line: ${written}`);
        if (entry === null) continue;
        if (ownFailures.has(entry.event)) problems.push(written);
        if (entry.event !== "step.building") continue;
        const key = JSON.stringify([life, entry.run, entry.step]);
        accepted.set(key, Math.max(accepted.get(key) ?? 0, Date.parse(entry.at)));
      }
    },
    wasLoggedAsAccepted: (life, runId, step, sinceMs) =>
      (accepted.get(JSON.stringify([life, runId, step])) ?? Number.NEGATIVE_INFINITY) >= sinceMs,
    problems,
    lastLines: (runIds) => {
      const isAbout = (text: string) => runIds.length === 0 || runIds.some((id) => text.includes(id));
      const wanted = all.filter(({ text, isEnd }) => isEnd || isAbout(text));
      // Leave out the ends of lives in which nothing happened.
      const shown = wanted.filter(({ isEnd }, index) => !isEnd || wanted[index - 1]?.isEnd === false);
      return shown.slice(-maxLines).map(({ text }) => text);
    },
  };
}

function readLine(written: string): z.infer<typeof line> | null {
  try {
    return line.parse(JSON.parse(written));
  } catch {
    return null;
  }
}
