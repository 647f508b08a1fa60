// Reads what the program's lives have logged: which triggers it knew to have been accepted, and its last words.
import * as z from "zod";

const line = z.object({
  at: z.string(),
  event: z.string(),
  run: z.string().nullish(),
  step: z.string().nullish(),
});

export type ProgramLog = {
  /** Adds what a life has written until it ended, and how it ended. */
  read: (life: number, text: string, end: string) => void;
  /** Whether a life knew, after the instant, that a step's trigger was accepted. */
  saidAccepted: (life: number, runId: string, step: string, sinceMs: number) => boolean;
  /** Errors of which the program itself says that they are none of the outside's. */
  problems: string[];
  /** The last lines, of the lives' ends and of these runs; of all, where there are none. */
  lastLines: (runIds: readonly string[]) => string[];
};

const ownFailures = new Set(["request.failed", "sweep.failed", "schedules.failed", "expiry.failed"]);
const linesAtMost = 100;

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
        // The last line of a life may be half a line; any other is to be one.
        if (entry === null && written !== lines.at(-1)) problems.push(`not a line of the log: ${written}`);
        if (entry === null) continue;
        if (ownFailures.has(entry.event)) problems.push(written);
        if (entry.event !== "step.building") continue;
        const key = JSON.stringify([life, entry.run, entry.step]);
        accepted.set(key, Math.max(accepted.get(key) ?? 0, Date.parse(entry.at)));
      }
    },
    saidAccepted: (life, runId, step, sinceMs) =>
      (accepted.get(JSON.stringify([life, runId, step])) ?? Number.NEGATIVE_INFINITY) >= sinceMs,
    problems,
    lastLines: (runIds) => {
      const isAbout = (text: string) => runIds.length === 0 || runIds.some((id) => text.includes(id));
      const wanted = all.filter(({ text, isEnd }) => isEnd || isAbout(text));
      // Of the lives in which nothing happened, the end is of no interest.
      const told = wanted.filter(({ isEnd }, index) => !isEnd || wanted[index - 1]?.isEnd === false);
      return told.slice(-linesAtMost).map(({ text }) => text);
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
