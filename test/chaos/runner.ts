// Starts runs through the API while the program is killed and restarted, and follows them.
import { messageOf } from "../../shared/log.ts";
import type { Random } from "../random.ts";
import { listLatestRuns, type RunView, startRun } from "./api.ts";
import type { ChaosPipeline } from "./pipelines.ts";

export type Runner = {
  /** The runs whose start was answered with 201. */
  started: Set<string>;
  latest: Map<string, RunView>;
  /** Looks at every pipeline once, and starts those whose run has ended. */
  look: (origin: string) => Promise<void>;
  /** No run is started from now on. */
  stopStarting: () => void;
  problems: string[];
};

export function createRunner(
  pipelines: readonly ChaosPipeline[],
  random: Random,
  maxPauseMs: number,
  onEnded: (pipeline: ChaosPipeline, run: RunView) => void,
): Runner {
  const started = new Set<string>();
  const latest = new Map<string, RunView>();
  const problems: string[] = [];
  /** When to start the next run of a pipeline. */
  const nextAt = new Map<string, number>();
  const starting = new Set<string>();
  const ended = new Set<string>();
  let isStarting = true;

  const start = async (origin: string, name: string) => {
    starting.add(name);
    try {
      const run = await startRun(origin, name);
      if (run === null) return;
      started.add(run.id);
      nextAt.delete(name);
    } catch (error) {
      problems.push(messageOf(error));
    } finally {
      starting.delete(name);
    }
  };

  return {
    started,
    latest,
    problems,
    look: async (origin) => {
      const runs = await listLatestRuns(origin);
      if (runs === null) return;
      for (const pipeline of pipelines) {
        const { name } = pipeline;
        const run = runs.get(name);
        if (run === undefined) problems.push(`pipeline ${name} is missing`);
        if (run) latest.set(name, run);
        else if (latest.has(name)) problems.push(`run ${latest.get(name)?.id} is missing`);
        if (run?.status === "running") {
          nextAt.delete(name);
          continue;
        }
        if (run && !ended.has(run.id)) {
          ended.add(run.id);
          onEnded(pipeline, run);
        }
        const at = nextAt.get(name) ?? Date.now() + random.integer(0, maxPauseMs);
        nextAt.set(name, at);
        if (isStarting && at <= Date.now() && !starting.has(name)) void start(origin, name);
      }
    },
    stopStarting: () => {
      isStarting = false;
    },
  };
}
