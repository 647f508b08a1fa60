// Starts scheduled runs. Starts that were missed while the program was down are made up for by one run.
import { messageOf } from "../../shared/log.ts";
import type { Pipeline, Schedule } from "../../shared/pipeline/pipeline.ts";
import { lastStart, nextStart } from "../../shared/pipeline/schedule.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { startScheduled } from "../../shared/relay/start-scheduled.ts";

/** Stores the instant up to which schedules have been handled. */
export type HandledUntilStore = {
  load: () => Promise<number | null>;
  save: (instant: number) => Promise<void>;
};

type Waiting = { pipeline: Pipeline; schedule: Schedule; fromMs: number; nextAt: number };

const saveEveryMs = 60_000;

/** Each call starts the runs that are due. A start that fails is retried by the next call and does not delay others. */
export async function createScheduleStarter(
  relay: Relay,
  handledUntil: HandledUntilStore,
): Promise<() => Promise<void>> {
  const startAt = (await handledUntil.load()) ?? relay.clock();
  let savedAt = Number.NEGATIVE_INFINITY;
  let waiting = [...relay.pipelines.values()].flatMap((pipeline) => wait(pipeline, startAt));

  return async () => {
    const now = relay.clock();
    const due = waiting.filter(({ nextAt }) => nextAt <= now);
    if (due.length === 0 && now - savedAt < saveEveryMs) return;
    const started = await Promise.all(due.map((entry) => tryToStart(relay, entry, now)));
    const failed = due.filter((_entry, index) => started[index] === false);
    waiting = waiting.flatMap((entry) =>
      due.includes(entry) && !failed.includes(entry) ? wait(entry.pipeline, now) : entry,
    );
    // Saved last: after a kill, the same starts are repeated and ignored.
    await handledUntil.save(Math.min(now, ...failed.map(({ fromMs }) => fromMs)));
    savedAt = now;
  };
}

function wait(pipeline: Pipeline, fromMs: number): Waiting[] {
  const { schedule } = pipeline;
  const nextAt = schedule === null ? null : nextStart(schedule, fromMs);
  return schedule === null || nextAt === null ? [] : [{ pipeline, schedule, fromMs, nextAt }];
}

async function tryToStart(
  relay: Relay,
  { pipeline, schedule, fromMs }: Waiting,
  now: number,
): Promise<boolean> {
  try {
    const scheduledFor = lastStart(schedule, fromMs, now);
    if (scheduledFor !== null) await startScheduled(relay, pipeline, scheduledFor);
    return true;
  } catch (error) {
    relay.log("error", { event: "schedule.failed", pipeline: pipeline.name, reason: messageOf(error) });
    return false;
  }
}
