// Checks runs: each ends in time and once, is archived as it ended, and sends a notice.
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import type { Run } from "../../../shared/run/state.ts";
import { readRun } from "../../../shared/store/dynamodb/history.ts";
import type { ReceivedNotice } from "../channel.ts";
import type { Item } from "../engine.ts";
import { mustHold } from "./violation.ts";

type KnownRun = {
  pipeline: string;
  begunAt: number;
  activeSince: number;
  status: Run["status"];
  endedAt: number;
  ends: number;
  /** One, and one more for each retry. */
  passes: number;
};

export type RunChecks = {
  /** Follows a pipeline's run from one save to the next. */
  follow: (last: Run | null, run: Run | null) => void;
  begunAt: (run: string) => number;
  size: () => number;
  /** The log got a notice. */
  onNotice: (run: string, subject: string) => void;
  /** The channel got a notice. */
  onDelivery: (notice: ReceivedNotice) => void;
  onRetry: (run: string) => void;
  learn: (pipelines: readonly Pipeline[]) => void;
  /** No run is active for longer than its time-outs and retries allow. */
  checkTime: () => void;
  /** Each follower has a run that began after the last success of the pipeline before it. */
  checkFollowers: (pipelines: readonly Pipeline[]) => void;
  /** Checks the archive, together with the last run of each pipeline. */
  checkEnd: (history: readonly Item[], last: readonly Run[], pipelines: readonly Pipeline[]) => void;
};

const hour = 3_600_000;

const subjects = {
  running: "",
  succeeded: "",
  failed: "runFailed",
  cancelled: "runCancelled",
} as const;

/** The notices of which the channel must get one. Nothing is expected if somebody cancelled the run. */
const events: Record<Run["status"], readonly string[]> = {
  running: [],
  succeeded: ["succeeded", "recovered"],
  failed: ["failed"],
  cancelled: [],
};

export function createRunChecks(now: () => number): RunChecks {
  const runs = new Map<string, KnownRun>();
  const retried = new Set<string>();
  const notices = new Set<string>();
  const deliveries = new Map<string, string>();
  const bounds = new Map<string, number>();

  const see = ({ id, pipeline, status }: Run) => {
    const known = runs.get(id);
    if (known === undefined) {
      runs.set(id, { pipeline, status, begunAt: now(), activeSince: now(), endedAt: 0, ends: 0, passes: 1 });
      return;
    }
    if (known.status === status) return;
    const isAllowed = known.status === "running" || retried.has(id);
    mustHold(isAllowed, () => `run ${id} was ${known.status} and is ${status} without a retry`);
    if (known.status !== "running") known.passes += 1;
    if (status === "running") known.activeSince = now();
    else end(id, known);
    known.status = status;
  };

  const end = (id: string, known: KnownRun) => {
    known.ends += 1;
    known.endedAt = now();
    const { ends, passes } = known;
    mustHold(ends <= passes, () => `run ${id} ended ${ends} times in ${passes} passes`);
  };

  return {
    follow: (last, run) => {
      // A new run that replaces an active one cancels it.
      if (last !== null && last.id !== run?.id && last.status === "running") {
        see({ ...last, status: "cancelled", endedAt: now() });
      }
      if (run !== null) see(run);
    },
    begunAt: (run) => runs.get(run)?.begunAt ?? 0,
    size: () => runs.size,
    onNotice: (run, subject) => void notices.add(`${run} ${subject}`),
    onDelivery: ({ id, event, run }) => {
      const about = `${run} ${event}`;
      const isSame = (deliveries.get(id) ?? about) === about;
      mustHold(isSame, () => `the notices ${deliveries.get(id)} and ${about} have the same id`);
      deliveries.set(id, about);
    },
    onRetry: (run) => void retried.add(run),
    learn: (pipelines) => {
      for (const pipeline of pipelines) {
        const others = pipelines.filter((other) => other !== pipeline);
        const bound = longestMs(pipeline) + longestWaitMs(pipeline, others);
        bounds.set(pipeline.name, Math.max(bounds.get(pipeline.name) ?? 0, bound));
      }
    },
    checkTime: () => {
      for (const [id, { status, activeSince, pipeline }] of runs) {
        const bound = bounds.get(pipeline) ?? 0;
        const isInTime = status !== "running" || now() - activeSince <= bound;
        mustHold(isInTime, () => `run ${id} has been active for more than ${bound / hour} hours`);
      }
    },
    checkFollowers: (pipelines) => {
      const of = (name: string) => [...runs.values()].filter(({ pipeline }) => pipeline === name);
      for (const { name, followers } of pipelines) {
        const succeeded = of(name).filter(({ status }) => status === "succeeded");
        const lastAt = Math.max(0, ...succeeded.map(({ endedAt }) => endedAt));
        for (const follower of followers) {
          const isFollowed = lastAt === 0 || of(follower).some(({ begunAt }) => begunAt >= lastAt);
          mustHold(isFollowed, () => `no run of ${follower} began after the last success of ${name}`);
        }
      }
    },
    checkEnd: (history, last, pipelines) => {
      const hasChannel = pipelines.some(({ notify }) => notify.length > 0);
      const delivered = new Set(deliveries.values());
      const kept = new Map<string, Run>();
      for (const item of history) {
        const run = readRun(item);
        kept.set(run.id, run);
      }
      // The archived copy of a run that was not replaced after all may be outdated.
      for (const run of last) kept.set(run.id, run);
      for (const [id, { status }] of runs) {
        const run = kept.get(id);
        const isThere = run !== undefined && run.status !== "running" && run.status === status;
        mustHold(isThere, () => `run ${id} is not archived as ${status}`);
        // A success is only logged, and a kill may lose that.
        const isNoticed = status === "succeeded" || notices.has(`${id} ${subjects[status]}`);
        mustHold(isNoticed, () => `run ${id} ${status} without a notice`);
        // A removed pipeline has no channels, and its run can succeed only if it was moving its tags by then.
        const isRemoved = run?.promotion != null && pipelines.every(({ name }) => name !== run.pipeline);
        const expected = hasChannel && !(isRemoved && status === "succeeded") ? events[status] : [];
        const isDelivered =
          expected.length === 0 || expected.some((event) => delivered.has(`${id} ${event}`));
        mustHold(isDelivered, () => `run ${id} ${status}, and the channel was not notified`);
      }
    },
  };
}

/** The worst case: one step after the other, each build times out, each webhook stays unconfirmed. */
function longestMs({ steps }: Pipeline): number {
  return steps.reduce(
    (all, { delayMs, timeoutMs, retries }) =>
      all + delayMs + (1 + retries) * (2 * timeoutMs + hour) + 8 * hour,
    8 * hour,
  );
}

/** The worst case: each step waits for its account until the runs of all other pipelines have ended. */
function longestWaitMs({ steps }: Pipeline, others: readonly Pipeline[]): number {
  const othersMs = others.reduce((all, other) => all + longestMs(other), 0);
  return steps.filter(({ account }) => account !== null).length * othersMs;
}
