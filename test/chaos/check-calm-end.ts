// Checks the calm end: without faults, every run must end, and one more run of each pipeline must succeed.
import { until } from "../stand-ins/program.ts";
import { type RunView, startRun } from "./api.ts";
import type { Runner } from "./runner.ts";

const maxLastRunMs = 120_000;

/** Returns what is wrong. */
export async function checkCalmEnd(
  pipelines: readonly { name: string }[],
  runner: Runner,
  origin: string,
  maxEndMs: number,
  say: (line: string) => void,
): Promise<string[]> {
  const those = (isWanted: (run: RunView) => boolean) => [...runner.latest.values()].filter(isWanted);
  const isActive = ({ status }: RunView) => status === "running";
  // What was last seen may date from before the last start of the program.
  await runner.look(origin);
  say(`calm: ${those(isActive).length} runs are still active`);
  if (!(await becomesTrue(() => those(isActive).length === 0, maxEndMs))) {
    return those(isActive).map((run) => `run ${run.id} is stuck: ${JSON.stringify(run.steps)}`);
  }
  say("calm: all runs have ended; starting one more run of each pipeline");
  const last = await Promise.all(pipelines.map(({ name }) => startRun(origin, name)));
  const ids = new Set(last.flatMap((run) => (run === null ? [] : [run.id])));
  if (ids.size < pipelines.length) return ["not every last run could be started"];
  for (const id of ids) runner.started.add(id);
  const isFresh = ({ id, status }: RunView) => ids.has(id) && status === "succeeded";
  if (await becomesTrue(() => those(isFresh).length === ids.size, maxLastRunMs)) return [];
  return those((run) => !isFresh(run)).map(
    (run) => `the last run ${run.id} did not succeed: ${JSON.stringify(run.steps)}`,
  );
}

async function becomesTrue(condition: () => boolean, maxMs: number): Promise<boolean> {
  try {
    await until(condition, "the condition is true", maxMs);
    return true;
  } catch {
    return false;
  }
}
