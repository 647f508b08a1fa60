// Counts what a process does, by watching its ports: the log, the saves, the requests and the sweeps. Only for a program that
// is one process: on Lambda, each instance would tell of its own share.
import type { Log } from "../log.ts";
import type { Send } from "../outgoing/send.ts";
import type { Run } from "../run/state.ts";
import { transitions } from "../run/transitions.ts";
import type { Store } from "../store/store.ts";
import { createCounter, createHistogram } from "./counter.ts";
import type { Metric } from "./exposition.ts";

export type ProcessMetrics = {
  countLog: (log: Log) => Log;
  observe: (before: Run | null, after: Run | null) => void;
  countRequests: (send: Send) => Send;
  countSweeps: (store: Store) => Store;
  read: () => Metric[];
};

/** From a minute to a day. */
const bounds = [60, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];
const lagBounds = [1, 2, 5, 10, 30, 60, 300, 900];

export function createProcessMetrics(clock: () => number): ProcessMetrics {
  const startedAt = clock();
  const counters = createCounters();
  const { requests, sweeps, sweepLag } = counters;
  let sweptAt: number | null = null;
  return {
    countLog: (log) => (level, entry) => {
      countEntry(counters, entry);
      log(level, entry);
    },
    observe: (before, after) => countTransitions(counters, before, after),
    countRequests: (send) => async (outgoing) => {
      const answer = await send(outgoing);
      const host = URL.parse(outgoing.url)?.host ?? "";
      // A host that is not allowed may come from outside, so it is no label.
      requests.add(
        answer.kind === "answered"
          ? { host, status: String(answer.status) }
          : { host: "", status: answer.kind },
      );
      return answer;
    },
    countSweeps: (store) => ({
      ...store,
      listDue: async (now) => {
        const due = await store.listDue(now);
        sweptAt = clock();
        sweeps.add({});
        for (const { wakeAt } of due) sweepLag.observe({}, Math.max(0, sweptAt - wakeAt) / 1_000);
        return due;
      },
    }),
    read: () => [
      gauge("tagrelay_process_start_time_seconds", "When the program was started.", startedAt / 1_000),
      ...Object.values(counters).map((counter) => counter.read()),
      ...(sweptAt === null
        ? []
        : [gauge("tagrelay_sweep_timestamp_seconds", "When the last sweep began.", sweptAt / 1_000)]),
    ],
  };
}

function createCounters() {
  return {
    runs: createCounter("tagrelay_runs_total", "Runs that ended, by status."),
    runSeconds: createHistogram("tagrelay_run_duration_seconds", "How long runs took, by status.", bounds),
    steps: createCounter("tagrelay_steps_total", "Steps that came into a state, by state."),
    stepSeconds: createHistogram(
      "tagrelay_step_duration_seconds",
      "How long steps took from their first trigger until they were done.",
      bounds,
    ),
    webhooks: createCounter(
      "tagrelay_webhooks_total",
      "What webhooks did, by outcome; one that concerns several pipelines counts for each.",
    ),
    notices: createCounter("tagrelay_notices_total", "Attempts to send notices, by channel and outcome."),
    requests: createCounter(
      "tagrelay_outgoing_requests_total",
      "Requests to registries, builders and channels, by host and status.",
    ),
    sweeps: createCounter("tagrelay_sweeps_total", "Sweeps."),
    sweepLag: createHistogram(
      "tagrelay_sweep_lag_seconds",
      "How late the sweep found pipelines that were due.",
      lagBounds,
    ),
    errors: createCounter(
      "tagrelay_log_errors_total",
      "Events of the log that tell of a failure of the program.",
    ),
  };
}

type Counters = ReturnType<typeof createCounters>;

const failures = new Set([
  "sweep.failed",
  "request.failed",
  "store.unavailable",
  "schedule.failed",
  "overload",
]);
const noticeOutcomes = new Map([
  ["notice.sent", "sent"],
  ["notice.failed", "failed"],
  ["notice.dropped", "dropped"],
  ["notice.simulated", "simulated"],
]);

function countEntry({ webhooks, notices, errors }: Counters, entry: Parameters<Log>[1]): void {
  const { event, outcome, channel } = entry;
  if (event === "webhook") webhooks.add({ outcome: String(outcome) });
  if (event === "webhook.refused") webhooks.add({ outcome: "refused" });
  const noticeOutcome = noticeOutcomes.get(event);
  if (noticeOutcome !== undefined) notices.add({ channel: String(channel), outcome: noticeOutcome });
  if (failures.has(event)) errors.add({ event });
}

function countTransitions(counters: Counters, before: Run | null, after: Run | null): void {
  for (const transition of transitions(before, after)) {
    const { run } = transition;
    const { pipeline } = run;
    if (transition.kind === "runEnded" && run.status !== "running") {
      counters.runs.add({ pipeline, status: run.status });
      counters.runSeconds.observe({ pipeline, status: run.status }, (run.endedAt - run.startedAt) / 1_000);
    } else if (transition.kind === "stepChanged") {
      const { stepRun } = transition;
      counters.steps.add({ pipeline, state: stepRun.state });
      if (stepRun.state === "done" && stepRun.triggeredAt !== null) {
        counters.stepSeconds.observe({ pipeline }, (stepRun.doneAt - stepRun.triggeredAt) / 1_000);
      }
    }
  }
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [{ labels: {}, value }] };
}
