// Prints one line for each change of a run, for output that is not a terminal.
import { transitions } from "../run/transitions.ts";
import { describeRun, describeStep } from "./describe-run.ts";
import type { Progress } from "./progress.ts";

export function createPlainProgress(write: (text: string) => void, clock: () => number): Progress {
  return {
    observe: (before, after) => {
      const now = clock();
      for (const transition of transitions(before, after)) {
        const { run } = transition;
        // Takes a moment; the next line shows the trigger's outcome.
        if (transition.kind === "stepChanged" && transition.stepRun.state === "triggering") continue;
        const what =
          transition.kind === "stepChanged"
            ? `${transition.stepRun.name} ${describeStep(transition.stepRun, now)}`
            : transition.kind === "runStarted"
              ? `run ${run.id} started (${run.cause})`
              : `run ${run.id} ${describeRun(run, now)}`;
        write(`${new Date(now).toISOString().slice(11, 19)} ${run.pipeline}: ${what}\n`);
      }
    },
    resume: (run) => write(`${run.pipeline}: run ${run.id} continues\n`),
    say: (text) => write(`${text}\n`),
    stop: () => undefined,
  };
}
