// Starts the pipelines again and again by the API while the program comes and goes, and looks at what becomes of them.

import type { Random } from "../random.ts";
import { listLatestRuns, type RunView, startRun } from "./api.ts";
import type { ChaosPipeline } from "./pipelines.ts";

export type Runner = {
  /** The runs that the API said it has started. */
  promised: Set<string>;
  latest: Map<string, RunView>;
  /** Looks once at every pipeline, and starts those whose run has ended. */
  look: (origin: string) => Promise<void>;
  /** From now on no run is started. */
  startNoMore: () => void;
  problems: string[];
};

export function createRunner(
  pipelines: readonly ChaosPipeline[],
  random: Random,
  onEnded: (pipeline: ChaosPipeline, run: RunView) => void,
): Runner {
  const promised = new Set<string>();
  const latest = new Map<string, RunView>();
  const problems: string[] = [];
  /** When the next run of a pipeline is to be started. */
  const nextAt = new Map<string, number>();
  const starting = new Set<string>();
  const ended = new Set<string>();
  let isStarting = true;

  const start = async (origin: string, name: string) => {
    starting.add(name);
    try {
      const run = await startRun(origin, name);
      if (run === null) return;
      promised.add(run.id);
      nextAt.delete(name);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    } finally {
      starting.delete(name);
    }
  };

  return {
    promised,
    latest,
    problems,
    look: async (origin) => {
      const runs = await listLatestRuns(origin);
      if (runs === null) return;
      for (const pipeline of pipelines) {
        const { name } = pipeline;
        const run = runs.get(name);
        if (run === undefined) problems.push(`pipeline ${name} is gone`);
        if (run) latest.set(name, run);
        else if (latest.has(name)) problems.push(`run ${latest.get(name)?.id} is gone`);
        if (run?.status === "running") {
          nextAt.delete(name);
          continue;
        }
        if (run && !ended.has(run.id)) {
          ended.add(run.id);
          onEnded(pipeline, run);
        }
        const at = nextAt.get(name) ?? Date.now() + random.integer(0, 2_500);
        nextAt.set(name, at);
        if (isStarting && at <= Date.now() && !starting.has(name)) void start(origin, name);
      }
    },
    startNoMore: () => {
      isStarting = false;
    },
  };
}
