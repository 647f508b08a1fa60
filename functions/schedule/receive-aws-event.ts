// Receives events of AWS services from EventBridge: pushes to ECR. They need no secret: only the stack's rules may invoke
// the function.
import * as z from "zod/mini";
import { readEcrPush } from "../../shared/registries/ecr/push-event.ts";
import { isExpected, receivePushes } from "../../shared/relay/receive-push.ts";
import type { Relay } from "../../shared/relay/relay.ts";

export const awsEvent = z.object({ source: z.literal("aws.ecr") });

/** An event that cannot be read would be no better the next time, so it is only logged. */
export async function receiveAwsEvent(relay: Relay, event: unknown): Promise<void> {
  const read = readEcrPush(event, (push) => isExpected(relay, push));
  if (read.kind === "pushes") {
    await receivePushes(relay, read.pushes);
    return;
  }
  const level = read.kind === "invalid" ? "warn" : "info";
  relay.log(level, { event: "webhook", registry: "ecr", outcome: read.kind, reason: read.reason });
}
