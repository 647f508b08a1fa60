// The end of a run of chaos: once nothing disturbs any more, every run must end, and another of each pipeline succeed.
import { until } from "../stand-ins/program.ts";
import { type RunView, startRun } from "./api.ts";
import type { Runner } from "./runner.ts";

const lastRunAtMostMs = 120_000;

/** What is wrong. */
export async function endInPeace(
  pipelines: readonly { name: string }[],
  runner: Runner,
  origin: string,
  endAtMostMs: number,
  say: (line: string) => void,
): Promise<string[]> {
  const those = (isWanted: (run: RunView) => boolean) => [...runner.latest.values()].filter(isWanted);
  const isActive = ({ status }: RunView) => status === "running";
  // What was seen last may be of before the last start.
  await runner.look(origin);
  say(`calm: ${those(isActive).length} runs have yet to end`);
  if (!(await comesTrue(() => those(isActive).length === 0, endAtMostMs))) {
    return those(isActive).map((run) => `run ${run.id} is stuck: ${JSON.stringify(run.steps)}`);
  }
  say("calm: every run has ended; one more of each pipeline");
  const last = await Promise.all(pipelines.map(({ name }) => startRun(origin, name)));
  const ids = new Set(last.flatMap((run) => (run === null ? [] : [run.id])));
  if (ids.size < pipelines.length) return ["a last run could not be started"];
  for (const id of ids) runner.promised.add(id);
  const isFresh = ({ id, status }: RunView) => ids.has(id) && status === "succeeded";
  if (await comesTrue(() => those(isFresh).length === ids.size, lastRunAtMostMs)) return [];
  return those((run) => !isFresh(run)).map(
    (run) => `the last run ${run.id} did not succeed: ${JSON.stringify(run.steps)}`,
  );
}

async function comesTrue(isSo: () => boolean, atMostMs: number): Promise<boolean> {
  try {
    await until(isSo, "it comes true", atMostMs);
    return true;
  } catch {
    return false;
  }
}
