// Publishes messages to an SNS topic.
import type { CallAws } from "../../aws/call-aws.ts";
import {
  deliveryFailed,
  deliveryNeedsAttention,
  noticeTimeoutMs,
  type Publish,
} from "../../kinds/channel.ts";

/** Errors that remain until somebody changes the topic or its permissions. */
const permanentErrors = new Map([
  ["NotFound", "the topic does not exist"],
  ["AuthorizationError", "the function has no permission to publish to the topic"],
  ["InvalidParameter", "it rejected the message, or the ARN is not that of a topic"],
]);

/** `stackTopic` is the topic of messages that name none. */
export function createPublish(callAws: CallAws, stackTopic: string | null): Publish {
  return async (namedTopic, { subject, text }) => {
    const topic = namedTopic ?? stackTopic;
    if (topic === null) {
      return deliveryNeedsAttention("expected the stack to have a topic, found none; deploy the stack again");
    }
    // The topic may be in another region.
    const [, , , region = ""] = topic.split(":");
    const form = {
      Action: "Publish",
      Version: "2010-03-31",
      TopicArn: topic,
      Subject: subject,
      Message: text,
    };
    const answer = await callAws({
      service: "sns",
      region,
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      body: new URLSearchParams(form).toString(),
      timeoutMs: noticeTimeoutMs,
      attempts: 2,
      maxTotalMs: noticeTimeoutMs,
    });
    if (answer.kind === "answered") return { kind: "delivered" };
    const known = permanentErrors.get(answer.code ?? "");
    if (known === undefined) return deliveryFailed(`SNS: ${answer.reason}`);
    return deliveryNeedsAttention(`SNS: ${known} (${answer.code}Exception)`);
  };
}
