// Starts runs when their schedules say so, and what was missed while the program was down, once, when it is back.
import type { Pipeline, Schedule } from "../../shared/core/pipeline.ts";
import { lastStart, nextStart } from "../../shared/core/schedule.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { startScheduled } from "../../shared/relay/start-scheduled.ts";

/** Remembers, from one start of the program to the next, until when schedules were seen to. */
export type SeenUntil = {
  load: () => Promise<number | null>;
  save: (seenUntil: number) => Promise<void>;
};

type Waiting = { pipeline: Pipeline; schedule: Schedule; fromMs: number; nextAt: number };

const rememberEveryMs = 60_000;

/** Each call starts what has become due since the last one. One that fails is tried again, and keeps no other back. */
export async function createSchedules(relay: Relay, seen: SeenUntil): Promise<() => Promise<void>> {
  const seenUntil = (await seen.load()) ?? relay.clock();
  let savedAt = Number.NEGATIVE_INFINITY;
  let waiting = [...relay.pipelines.values()].flatMap((pipeline) => wait(pipeline, seenUntil));

  return async () => {
    const now = relay.clock();
    const due = waiting.filter(({ nextAt }) => nextAt <= now);
    if (due.length === 0 && now - savedAt < rememberEveryMs) return;
    const started = await Promise.all(due.map((entry) => tryToStart(relay, entry, now)));
    const failed = due.filter((_entry, index) => started[index] === false);
    waiting = waiting.flatMap((entry) =>
      due.includes(entry) && !failed.includes(entry) ? wait(entry.pipeline, now) : entry,
    );
    // Remembered last: whoever is killed before starts the same again, and that is then found to be done.
    await seen.save(Math.min(now, ...failed.map(({ fromMs }) => fromMs)));
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
    const reason = error instanceof Error ? error.message : "unknown";
    relay.log("error", { event: "schedule.failed", pipeline: pipeline.name, reason });
    return false;
  }
}
