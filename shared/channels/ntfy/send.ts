// Sends notices to a topic of ntfy.
import {
  type ChannelKind,
  deliveryNeedsAttention,
  type Notice,
  noticeTimeoutMs,
} from "../../kinds/channel.ts";
import { fitInto } from "../fit-into.ts";
import { bodyOf, linkOf } from "../notice-text.ts";
import { readDelivery } from "../post.ts";
import type { NtfySettings } from "./settings.ts";

const defaultUrl = "https://ntfy.sh";

export const ntfy: ChannelKind<NtfySettings> = {
  send: async (settings, notice, { send, readSecret, clock }) => {
    const { url = defaultUrl, topicSecret, secret, priority } = settings;
    const topic = settings.topic ?? (await readSecret(topicSecret ?? ""))?.trim();
    if (topic === undefined) return deliveryNeedsAttention(`the secret ${topicSecret} is missing`);
    const token = secret === undefined ? null : (await readSecret(secret))?.trim();
    if (token === undefined) return deliveryNeedsAttention(`the secret ${secret} is missing`);
    const answer = await send({
      method: "POST",
      // JSON goes to the root of the server and names the topic.
      url,
      headers: {
        "content-type": "application/json",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ topic, ...ntfyMessage(notice, priority) }),
      timeoutMs: noticeTimeoutMs,
    });
    return readDelivery(
      new URL(url).host,
      answer,
      clock(),
      "check the channel's url, topic and access token",
      {
        missing: "there is no ntfy at this address",
        unauthorized: "the topic may not be written to with this access token, or needs one",
      },
    );
  },
  secretsOf: ({ topicSecret, secret }) => [topicSecret, secret].filter((name) => name !== undefined),
  originsOf: ({ url = defaultUrl }) => [new URL(url).origin],
};

/** Names of ntfy's emojis. */
const tags: Record<Notice["subject"], string> = {
  failed: "red_circle",
  stalled: "yellow_circle",
  recovered: "green_circle",
  succeeded: "green_circle",
  cancelled: "white_circle",
  stale: "yellow_circle",
  approval: "yellow_circle",
  test: "large_blue_circle",
};

/** ntfy turns messages of more than 4,096 bytes into attachments, which phones do not show. */
export function ntfyMessage(notice: Notice, priority?: number) {
  const { subject, title } = notice;
  const url = linkOf(notice);
  const isUrgent = subject === "failed" || subject === "stalled";
  const limits = { maxSteps: 10, maxLine: 300, maxLength: 3_500 };
  return {
    title: fitInto(title, 250),
    // An empty message would become "triggered".
    message: bodyOf(notice, limits, undefined, Buffer.byteLength) || title.slice(0, 250),
    tags: [tags[subject]],
    priority: priority ?? (isUrgent ? 4 : 3),
    ...(url === null ? {} : { click: url }),
  };
}
