// Publishes by AWS's own client: for where the program runs on AWS.
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { noticeTimeoutMs, type Publish, refused, refusedForPeople } from "../channel.ts";

/** What stays as it is until somebody changes the topic or the rights to it. */
const forPeople = new Map([
  ["NotFoundException", "the topic is not there"],
  ["AuthorizationErrorException", "the function may not publish to the topic"],
  ["InvalidParameterException", "it did not take the message, or the topic is none"],
]);

/** `own` is the stack's topic. */
export function createPublish(own: string | null): Publish {
  const clients = new Map<string, SNSClient>();
  const clientOf = (topic: string) => {
    // A topic is asked in its own region.
    const [, , , region = ""] = topic.split(":");
    const client =
      clients.get(region) ??
      new SNSClient({ region, maxAttempts: 2, requestHandler: { requestTimeout: noticeTimeoutMs } });
    clients.set(region, client);
    return client;
  };
  return async (told, { subject, text }) => {
    const topic = told ?? own;
    if (topic === null) return refusedForPeople("expected a topic of the stack, found none; deploy it again");
    try {
      await clientOf(topic).send(new PublishCommand({ TopicArn: topic, Subject: subject, Message: text }));
      return { kind: "taken" };
    } catch (error) {
      const name = error instanceof Error ? error.name : "unknown error";
      const known = forPeople.get(name);
      return known === undefined ? refused(`SNS: ${name}`) : refusedForPeople(`SNS: ${known} (${name})`);
    }
  };
}
