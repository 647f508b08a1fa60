// The text of a notice: what happened, to which steps, since when, and what comes next.
import type { Notice, NoticeStep } from "../kinds/channel.ts";
import { formatDuration } from "../pipeline/duration.ts";
import { withDescendants } from "../pipeline/graph.ts";
import { isBuilt, type Pipeline } from "../pipeline/pipeline.ts";
import { nextStart } from "../pipeline/schedule.ts";
import type { OutboxEntryOf } from "./state.ts";

type Entry = Pick<
  OutboxEntryOf<"notify">,
  "subject" | "runId" | "at" | "since" | "failed" | "failedLeftOut" | "pushed"
>;

const subjects = {
  runFailed: "failed",
  runStalled: "stalled",
  runRecovered: "recovered",
  runSucceeded: "succeeded",
  runCancelled: "cancelled",
  imagesStale: "stale",
  gateWaiting: "approval",
} as const;

const titles = {
  failed: "failed",
  stalled: "is stalled",
  recovered: "recovered",
  succeeded: "succeeded",
  cancelled: "was cancelled",
  stale: "has images that are behind",
  approval: "waits for an approval",
};

/** `url` is where the pages are; `now` is when the notice is sent. */
export function noticeOf(pipeline: Pipeline, entry: Entry, url: string | null, now: number): Notice {
  const subject = subjects[entry.subject];
  const { runId, at, since, failed, failedLeftOut = 0 } = entry;
  return {
    id: `${runId ?? pipeline.name}/${subject}/${at}`,
    subject,
    pipeline: pipeline.name,
    runId,
    at,
    since,
    title: `${pipeline.name} ${titles[subject]}`,
    steps: failed.map(noticeStep),
    stepsLeftOut: failedLeftOut,
    remarks: remarksOf(pipeline, entry, now),
    url:
      url === null ? null : `${url}${runId === null ? "/freshness" : `/runs/${encodeURIComponent(runId)}`}`,
  };
}

function noticeStep({ step, reason, attempts, triedSince, url }: Entry["failed"][number]): NoticeStep {
  return {
    name: step,
    reason: oneLine(reason),
    attempts,
    triedSince: triedSince ?? null,
    // Many builders' reasons have it already.
    url: url === undefined || reason.includes(url) ? null : oneLine(url),
  };
}

/** For trying out a channel. */
export function testNotice(channel: string, url: string | null, now: number): Notice {
  return {
    id: `test/${now}`,
    subject: "test",
    pipeline: null,
    runId: null,
    at: now,
    since: null,
    title: `Test of the channel ${channel}`,
    steps: [],
    stepsLeftOut: 0,
    remarks: ["Nothing happened: this only shows what a notice looks like."],
    url,
  };
}

function remarksOf(pipeline: Pipeline, entry: Entry, now: number): string[] {
  const { subject, runId, at, since, failed, failedLeftOut = 0, pushed } = entry;
  const behind = namesBehind(pipeline, new Set(failed.map(({ step }) => step)), failedLeftOut > 0);
  const isOld = since !== null && at - since >= 60_000;
  // A notice can be late, so it tells the time itself.
  const sinceWhen = isOld ? `Failing since ${timeOf(since)}.` : `Since ${timeOf(at)}.`;
  switch (subject) {
    case "runFailed":
      return [
        ...(behind === null ? [] : [`Not built because of that: ${behind}.`]),
        sinceWhen,
        nextTry(pipeline, runId ?? "", now),
      ];
    case "runStalled":
      return [
        ...(behind === null ? [] : [`Waiting for that: ${behind}.`]),
        sinceWhen,
        `The run continues as soon as the image is pushed, and retries as the pipeline says. Until then, check the builder. To give up: tagrelay cancel ${runId ?? ""}.`,
      ];
    case "runRecovered":
      return since === null
        ? pushed
        : [`It had been failing since ${timeOf(since)}, for ${formatDuration(at - since)}.`, ...pushed];
    case "imagesStale":
      return pipeline.steps.some(isBuilt)
        ? [`Build what is stale: tagrelay run ${pipeline.name} --only-stale.`]
        : [];
    case "gateWaiting":
      return [
        ...(behind === null ? [] : [`Waiting for that: ${behind}.`]),
        ...failed.map(
          ({ step }) =>
            `Approve it on the page of the run, or with: tagrelay approve ${runId ?? ""} ${step}.`,
        ),
      ];
    case "runSucceeded":
      return pushed;
    case "runCancelled":
      return [];
  }
}

function nextTry(pipeline: Pipeline, runId: string, now: number): string {
  return `${nextRun(pipeline, now)} After fixing the cause, retry the run: tagrelay retry ${runId}.`;
}

/** What starts the pipeline again by itself. */
function nextRun({ schedule, after, source }: Pipeline, now: number): string {
  const next = schedule === null ? null : nextStart(schedule, now);
  if (next !== null) return `The next scheduled run starts at ${timeOf(next)}.`;
  const starts = [
    ...(after.length === 0 ? [] : [`the next success of ${after.join(" or ")}`]),
    ...(source === null ? [] : [`the next push to ${source.repository}`]),
  ];
  if (starts.length > 0) return `${starts.join(" or ").replace(/^t/, "T")} starts it again.`;
  return "Nothing starts it again by itself.";
}

const maxNamesBehind = 10;

/** The steps that come after these, directly or not. What comes after those that were left out is not known. */
function namesBehind(
  { steps }: Pipeline,
  failed: ReadonlySet<string>,
  areSomeLeftOut: boolean,
): string | null {
  const reached = withDescendants(steps, [...failed]);
  const names = steps.flatMap(({ name }) => (reached.has(name) && !failed.has(name) ? name : []));
  if (names.length === 0) return null;
  if (areSomeLeftOut) return `${names.slice(0, maxNamesBehind).join(", ")} and others`;
  const more = names.length - maxNamesBehind;
  return `${names.slice(0, maxNamesBehind).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** `2026-11-21 03:00 UTC` */
export function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Reasons contain text from outside: remove line breaks, control characters and bidirectional overrides. */
function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .trim();
}
