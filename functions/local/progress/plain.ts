// A line for each thing that happens, for where there is no terminal.
import { transitions } from "../../../shared/core/transitions.ts";
import type { Progress } from "./progress.ts";
import { runWords, stepWords } from "./words.ts";

export function createPlainProgress(write: (text: string) => void, clock: () => number): Progress {
  return {
    observe: (before, after) => {
      const now = clock();
      for (const transition of transitions(before, after)) {
        const { run } = transition;
        // Over in a moment, and what came of it is the next line.
        if (transition.kind === "stepChanged" && transition.step.state === "triggering") continue;
        const what =
          transition.kind === "stepChanged"
            ? `${transition.step.name} ${stepWords(transition.step, now)}`
            : transition.kind === "runStarted"
              ? `run ${run.id} started (${run.cause})`
              : `run ${run.id} ${runWords(run, now)}`;
        write(`${new Date(now).toISOString().slice(11, 19)} ${run.pipeline}: ${what}\n`);
      }
    },
    resume: (run) => write(`${run.pipeline}: run ${run.id} goes on\n`),
    say: (text) => write(`${text}\n`),
    stop: () => undefined,
  };
}
