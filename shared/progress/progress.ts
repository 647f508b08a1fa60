// How the program and the command line show runs while they happen.
import type { Run } from "../run/state.ts";

export type Progress = {
  observe: (before: Run | null, after: Run | null) => void;
  /** Shows a run that was already active. */
  resume: (run: Run) => void;
  /** Prints a text that is not about a run. */
  say: (text: string) => void;
  stop: () => void;
};
