// Tells people by a channel, and the log, what has happened.
import type { Pipeline } from "../core/pipeline.ts";
import type { ErrandOf } from "../core/run.ts";
import type { Told } from "../notify/channel.ts";
import { noticeOf, testNotice } from "../notify/notice.ts";
import type { Relay } from "./relay.ts";

/** Whether that is done: a channel that has not taken it is told again later. */
export async function tellChannel(
  relay: Relay,
  pipeline: Pipeline,
  errand: ErrandOf<"notify">,
  name: string,
): Promise<boolean> {
  const channel = relay.channels.get(name);
  // By another name than the log's own notice, which alarms count.
  const about = {
    channel: name,
    notice: errand.subject,
    pipeline: pipeline.name,
    run: errand.runId,
    attempts: errand.attempts,
  };
  if (channel === undefined) {
    relay.log("warn", {
      event: "notice.dropped",
      ...about,
      reason: "the channel is not configured any more",
    });
    return true;
  }
  const told = await channel.send(noticeOf(pipeline, errand, relay.url, relay.clock()));
  if (told.kind === "taken") relay.log("info", { event: "notice.sent", ...about });
  else {
    const level = told.isForPeople ? "error" : "warn";
    relay.log(level, { event: "notice.failed", ...about, reason: told.reason });
  }
  return told.kind === "taken";
}

/** For a person who wants to see whether a channel works; null where there is none of that name. */
export async function sendTestNotice(relay: Relay, name: string): Promise<Told | null> {
  const channel = relay.channels.get(name);
  if (channel === undefined) return null;
  const told = await channel.send(testNotice(name, relay.url, relay.clock()));
  const about = { channel: name, notice: "test" };
  if (told.kind === "taken") relay.log("info", { event: "notice.sent", ...about });
  else relay.log("warn", { event: "notice.failed", ...about, reason: told.reason });
  return told;
}

/** The log's own notice. */
export function tellLog(
  relay: Relay,
  pipeline: Pipeline,
  { subject, runId, failed }: ErrandOf<"notify">,
): void {
  relay.log(subject === "runFailed" ? "error" : "info", {
    event: "notice",
    subject,
    pipeline: pipeline.name,
    run: runId,
    ...(failed.length === 0 ? {} : { failed: failed.map(({ step }) => step).join(", ") }),
  });
}
