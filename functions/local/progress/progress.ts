// Shows people what happens, as it happens.
import type { Run } from "../../../shared/core/run.ts";

export type Progress = {
  observe: (before: Run | null, after: Run | null) => void;
  /** A run of before, which goes on. */
  resume: (run: Run) => void;
  /** Says something that is not about a run. */
  say: (text: string) => void;
  stop: () => void;
};
