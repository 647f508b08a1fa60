// Sends a notice to a channel, or writes it to the log.
import type { Delivery } from "../kinds/channel.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { noticeOf, testNotice } from "../run/notice.ts";
import type { OutboxEntryOf } from "../run/state.ts";
import type { Relay } from "./relay.ts";

/** True once there is nothing left to do; a failed delivery is retried later. */
export async function notifyChannel(
  relay: Relay,
  pipeline: Pipeline,
  entry: OutboxEntryOf<"notify">,
  name: string,
): Promise<boolean> {
  const channel = relay.channels.get(name);
  // The key is `notice`, not `subject`: the alarm counts log lines with a subject, and would count a run again for each channel.
  const about = {
    channel: name,
    notice: entry.subject,
    pipeline: pipeline.name,
    ...(entry.runId === null ? {} : { run: entry.runId }),
    attempts: entry.attempts,
  };
  if (channel === undefined) {
    const reason = "the channel is no longer configured";
    relay.log("warn", { event: "notice.dropped", ...about, reason });
    return true;
  }
  const delivery = await channel.send(noticeOf(pipeline, entry, relay.url, relay.clock()));
  if (delivery.kind === "delivered") relay.log("info", { event: "notice.sent", ...about });
  else {
    const level = delivery.needsAttention ? "error" : "warn";
    relay.log(level, { event: "notice.failed", ...about, reason: delivery.reason });
  }
  return delivery.kind === "delivered";
}

/** Tries out a channel; null if there is none of this name. */
export async function sendTestNotice(relay: Relay, name: string): Promise<Delivery | null> {
  const channel = relay.channels.get(name);
  if (channel === undefined) return null;
  const delivery = await channel.send(testNotice(name, relay.url, relay.clock()));
  const about = { channel: name, notice: "test" };
  if (delivery.kind === "delivered") relay.log("info", { event: "notice.sent", ...about });
  else relay.log("warn", { event: "notice.failed", ...about, reason: delivery.reason });
  return delivery;
}

export function logNotice(
  relay: Relay,
  pipeline: Pipeline,
  { subject, runId, failed, failedLeftOut }: OutboxEntryOf<"notify">,
): void {
  relay.log(subject === "runFailed" ? "error" : "info", {
    event: "notice",
    subject,
    pipeline: pipeline.name,
    ...(runId === null ? {} : { run: runId }),
    ...(failed.length === 0 ? {} : { failed: failed.map(({ step }) => step).join(", ") }),
    ...(failedLeftOut === undefined ? {} : { failedLeftOut }),
  });
}
