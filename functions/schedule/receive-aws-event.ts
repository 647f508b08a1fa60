// Receives events of AWS services from EventBridge: pushes to ECR, and the ends of builds of CodeBuild. They need no secret:
// only the stack's rules may invoke the function.
import * as z from "zod/mini";
import { readCodebuildEvent } from "../../shared/builders/codebuild/build-event.ts";
import { readEcrPush } from "../../shared/registries/ecr/push-event.ts";
import { receiveBuildEnd } from "../../shared/relay/receive-build-end.ts";
import { isExpected, receivePushes } from "../../shared/relay/receive-push.ts";
import type { Relay } from "../../shared/relay/relay.ts";

export const awsEvent = z.object({ source: z.enum(["aws.ecr", "aws.codebuild"]) });
type Source = z.infer<typeof awsEvent>["source"];

/** An event that cannot be read would be no better the next time, so it is only logged. */
export async function receiveAwsEvent(relay: Relay, source: Source, event: unknown): Promise<void> {
  const ignored = source === "aws.ecr" ? await receivePush(relay, event) : await receiveEnd(relay, event);
  if (ignored === null) return;
  const { kind, reason } = ignored;
  relay.log(kind === "invalid" ? "warn" : "info", { event: "webhook", source, outcome: kind, reason });
}

type Ignored = { kind: "ignored" | "invalid"; reason: string };

async function receivePush(relay: Relay, event: unknown): Promise<Ignored | null> {
  const read = readEcrPush(event, (push) => isExpected(relay, push));
  if (read.kind !== "pushes") return read;
  await receivePushes(relay, read.pushes);
  return null;
}

async function receiveEnd(relay: Relay, event: unknown): Promise<Ignored | null> {
  const read = readCodebuildEvent(event);
  if (read.kind !== "ended") return read;
  const { project, id, title, end } = read;
  await receiveBuildEnd(relay, { builder: "codebuild", projects: [project], id, titles: [title], end });
  return null;
}
