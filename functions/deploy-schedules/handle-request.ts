// Handles a request of CloudFormation to bring the schedules up to date.
import type { SchedulerClient } from "@aws-sdk/client-scheduler";
import { type Log, messageOf } from "../../shared/log.ts";
import { answerRequest, type DeployRequest, type Result, requestSchema } from "./answer-request.ts";
import type { Manifest } from "./manifest.ts";
import { putSchedules } from "./put-schedules.ts";

/** To finish what is under way, and to answer. */
const reserveMs = 30_000;

type Ports = { client: SchedulerClient; clock: () => number; log: Log };
type Invocation = { getRemainingTimeInMillis: () => number };

export function createDeployHandler(
  { client, clock, log }: Ports,
  manifest: Manifest,
): (event: unknown, invocation: Invocation) => Promise<void> {
  const carryOut = async (request: DeployRequest, invocation: Invocation): Promise<Result> => {
    // The group is deleted with the stack, and its schedules with the group.
    if (request.RequestType === "Delete") return { kind: "done" };
    const { digest, group: name, ...arns } = request.ResourceProperties;
    if (digest !== manifest.digest) {
      const reason = `expected a request for the schedules ${manifest.digest} of this function, found one for ${digest}; deploy again`;
      return { kind: "failed", reason };
    }
    const isTimeUp = () => invocation.getRemainingTimeInMillis() < reserveMs;
    const counts = await putSchedules({ client, clock, isTimeUp }, { name, ...arns }, manifest.schedules);
    log("info", { event: "schedules.deployed", ...counts });
    return { kind: "done" };
  };

  return async (event, invocation) => {
    const request = requestSchema.parse(event);
    const result = await carryOut(request, invocation).catch((error: unknown): Result => {
      return { kind: "failed", reason: messageOf(error) };
    });
    if (result.kind === "failed") log("error", { event: "schedules.failed", reason: result.reason });
    await answerRequest(log, request, result);
  };
}
