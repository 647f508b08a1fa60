// What people are told, in words: what has happened, to which steps, since when, and what comes next.
import { formatDuration } from "../core/duration.ts";
import { withDescendants } from "../core/graph.ts";
import type { Pipeline } from "../core/pipeline.ts";
import type { ErrandOf } from "../core/run.ts";
import { nextStart } from "../core/schedule.ts";

type Errand = Pick<ErrandOf<"notify">, "subject" | "runId" | "at" | "since" | "failed">;

const subjects = {
  runFailed: "failed",
  runStalled: "stalled",
  runRecovered: "recovered",
  runSucceeded: "succeeded",
  runCancelled: "cancelled",
} as const;

export type Notice = {
  /** The same however often it is told. */
  id: string;
  subject: (typeof subjects)[keyof typeof subjects] | "test";
  /** Null for a test, which is of none. */
  pipeline: string | null;
  runId: string | null;
  at: number;
  /** Since when the pipeline has not been as it should be. */
  since: number | null;
  title: string;
  /** The steps that it is about: those that have failed, or get no further. */
  steps: { name: string; reason: string; attempts: number }[];
  /** What else there is to say, a sentence or two each. */
  remarks: string[];
  /** Where people see more. */
  url: string | null;
};

const titles = {
  failed: "has failed",
  stalled: "gets no further",
  recovered: "has recovered",
  succeeded: "has succeeded",
  cancelled: "was cancelled",
};

/** `url` is where the pages are, `now` when it is told. */
export function noticeOf(pipeline: Pipeline, errand: Errand, url: string | null, now: number): Notice {
  const subject = subjects[errand.subject];
  const { runId, at, since, failed } = errand;
  return {
    id: `${runId}/${subject}/${at}`,
    subject,
    pipeline: pipeline.name,
    runId,
    at,
    since,
    title: `${pipeline.name} ${titles[subject]}`,
    steps: failed.map(({ step, reason, attempts }) => ({ name: step, reason: oneLine(reason), attempts })),
    remarks: remarksOf(pipeline, errand, now),
    url: url === null ? null : `${url}/runs/${encodeURIComponent(runId)}`,
  };
}

/** For a person who wants to see whether a channel works. */
export function testNotice(channel: string, url: string | null, now: number): Notice {
  return {
    ...{ id: `test/${now}`, subject: "test", pipeline: null, runId: null, at: now, since: null },
    title: `A test of the channel ${channel}`,
    steps: [],
    remarks: ["Nothing has happened: this is what it looks like when something does."],
    url,
  };
}

function remarksOf(pipeline: Pipeline, { subject, runId, at, since, failed }: Errand, now: number): string[] {
  const behind = namesBehind(pipeline, new Set(failed.map(({ step }) => step)));
  const isOld = since !== null && at - since >= 60_000;
  const sinceWhen = isOld ? [`It has not been as it should be since ${timeOf(since)}.`] : [];
  switch (subject) {
    case "runFailed":
      return [
        ...(behind === null ? [] : [`Not built because of that: ${behind}.`]),
        ...sinceWhen,
        nextTry(pipeline, runId, now),
      ];
    case "runStalled":
      return [
        ...(behind === null ? [] : [`What waits for that: ${behind}.`]),
        ...sinceWhen,
        "It goes on as soon as the image is pushed, and is tried again as the pipeline says. Until then, see what whoever builds it says.",
      ];
    case "runRecovered":
      return since === null
        ? []
        : [`Since ${timeOf(since)}, for ${formatDuration(at - since)}, it had not been as it should be.`];
    case "runSucceeded":
    case "runCancelled":
      return [];
  }
}

function nextTry({ schedule }: Pipeline, runId: string, now: number): string {
  const next = schedule === null ? null : nextStart(schedule, now);
  const retry = `Once the reason is seen to, the run can be retried: POST /api/runs/${runId}/retry.`;
  return next === null ? retry : `Its schedule starts the next run at ${timeOf(next)}. ${retry}`;
}

const behindAtMost = 10;

/** What comes after these steps, near or far. */
function namesBehind({ steps }: Pipeline, failed: ReadonlySet<string>): string | null {
  const reached = withDescendants(steps, [...failed]);
  const names = steps.flatMap(({ name }) => (reached.has(name) && !failed.has(name) ? name : []));
  if (names.length === 0) return null;
  const more = names.length - behindAtMost;
  return `${names.slice(0, behindAtMost).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** `2026-11-21 03:00 UTC` */
export function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Reasons come from outside: no ends of lines, no control characters, none that turn the direction of the text. */
function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .trim();
}
