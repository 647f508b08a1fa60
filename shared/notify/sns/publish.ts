// Publishes to a topic of SNS: for where the program runs on AWS.
import type { CallAws } from "../../aws/call-aws.ts";
import { noticeTimeoutMs, type Publish, refused, refusedForPeople } from "../channel.ts";

/** What stays as it is until somebody changes the topic or the rights to it. */
const forPeople = new Map([
  ["NotFound", "the topic is not there"],
  ["AuthorizationError", "the function may not publish to the topic"],
  ["InvalidParameter", "it did not take the message, or the topic is none"],
]);

/** `own` is the stack's topic. */
export function createPublish(callAws: CallAws, own: string | null): Publish {
  return async (told, { subject, text }) => {
    const topic = told ?? own;
    if (topic === null) return refusedForPeople("expected a topic of the stack, found none; deploy it again");
    // A topic is asked in its own region.
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
      inAllMs: noticeTimeoutMs,
    });
    if (answer.kind === "answered") return { kind: "taken" };
    const known = forPeople.get(answer.code ?? "");
    if (known === undefined) return refused(`SNS: ${answer.reason}`);
    return refusedForPeople(`SNS: ${known} (${answer.code}Exception)`);
  };
}
