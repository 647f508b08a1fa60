// Answers CloudFormation, which waits for an hour if it gets no answer.
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod/mini";
import type { Log } from "../../shared/log.ts";
import { createSend } from "../../shared/outgoing/send.ts";

export const requestSchema = z.object({
  RequestType: z.enum(["Create", "Update", "Delete"]),
  ResponseURL: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  ResourceProperties: z.object({
    digest: z.string(),
    group: z.string(),
    target: z.string(),
    role: z.string(),
    deadLetters: z.string(),
  }),
});
export type DeployRequest = z.infer<typeof requestSchema>;

export type Result = { kind: "done" } | { kind: "failed"; reason: string };

const pausesMs = [500, 2_000, 5_000];
/** CloudFormation accepts 4 KB. */
const maxReasonLength = 1_000;

export async function answerRequest(log: Log, request: DeployRequest, result: Result): Promise<void> {
  const { ResponseURL: url, StackId, RequestId, LogicalResourceId, ResourceProperties } = request;
  const origin = URL.parse(url)?.origin;
  const send = createSend((target) => target.origin === origin);
  const reason = result.kind === "failed" ? { Reason: result.reason.slice(0, maxReasonLength) } : {};
  const body = JSON.stringify({
    Status: result.kind === "done" ? "SUCCESS" : "FAILED",
    ...reason,
    // Always the same, so that CloudFormation never replaces the group's schedules by new ones.
    PhysicalResourceId: ResourceProperties.group,
    StackId,
    RequestId,
    LogicalResourceId,
  });
  for (const pauseMs of [...pausesMs, null]) {
    const answer = await send({ method: "PUT", url, body, timeoutMs: 5_000 });
    if (answer.kind === "answered" && answer.status < 300) return;
    const found = answer.kind === "answered" ? `an answer of status ${answer.status}` : answer.reason;
    log("error", { event: "answer.failed", reason: found });
    if (pauseMs !== null) await sleep(pauseMs);
  }
}
