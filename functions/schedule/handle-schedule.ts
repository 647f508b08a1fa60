// Handles an event of EventBridge Scheduler: the start of a run, which may be delivered twice, a check of a pipeline's
// upstreams, or a sweep. EventBridge itself passes on events of other services.
import * as z from "zod/mini";
import type { LookUpDigest } from "../../shared/kinds/registry.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { lookAtUpstreams } from "../../shared/relay/look-at-upstreams.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { startScheduled } from "../../shared/relay/start-scheduled.ts";
import { type RemainingMs, sweep } from "../../shared/relay/sweep.ts";
import { describeIssue } from "../../shared/validation/expectation.ts";
import { awsEvent, receiveAwsEvent } from "./receive-aws-event.ts";

const scheduledFor = z.iso.datetime({ offset: true });
/** Which instants of the schedule count; not set if all of them do. */
const counts = { everyMs: z.optional(z.number()), phaseMs: z.optional(z.number()) };

export const scheduleEvent = z.union([
  z.object({ start: z.string(), scheduledFor, ...counts }),
  // Schedules that an earlier version deployed do not send `scheduledFor`.
  z.object({ lookAtUpstreams: z.string(), scheduledFor: z.optional(scheduledFor), ...counts }),
  z.object({ sweep: z.literal(true) }),
  awsEvent,
]);
export type ScheduleEvent = z.infer<typeof scheduleEvent>;

/** What Lambda tells a function about the invocation. */
export type Invocation = { getRemainingTimeInMillis: RemainingMs };

/** Throws if Lambda should retry the event and, in the end, keep it as a dead letter. */
export function createScheduleHandler(
  relay: Relay,
  lookUpDigest: LookUpDigest,
): (event: unknown, invocation: Invocation) => Promise<void> {
  return async (event, invocation) => {
    const request = scheduleEvent.parse(event, { error: describeIssue });
    if ("scheduledFor" in request && !isWanted(request)) return;
    if ("start" in request) {
      await startScheduled(relay, pipelineOf(relay, request.start), Date.parse(request.scheduledFor));
    } else if ("lookAtUpstreams" in request) {
      await lookAtUpstreams(relay, pipelineOf(relay, request.lookAtUpstreams), lookUpDigest);
    } else if ("source" in request) {
      await receiveAwsEvent(relay, request.source, event);
    } else {
      const pipelines = await sweep(relay, () => invocation.getRemainingTimeInMillis());
      relay.log("info", { event: "sweep.done", pipelines });
    }
  };
}

type Scheduled = {
  scheduledFor?: string | undefined;
  everyMs?: number | undefined;
  phaseMs?: number | undefined;
};

/** Where cron cannot express an interval, such as 90 minutes or 7 hours, the schedule fires more often than that. */
function isWanted({ scheduledFor: at, everyMs, phaseMs = 0 }: Scheduled): boolean {
  if (at === undefined || everyMs === undefined) return true;
  const minute = Math.floor(Date.parse(at) / 60_000) * 60_000;
  return (minute - phaseMs) % everyMs === 0;
}

function pipelineOf(relay: Relay, name: string): Pipeline {
  const pipeline = relay.pipelines.get(name);
  if (pipeline !== undefined) return pipeline;
  throw new Error(`expected a pipeline of this deployment, found ${JSON.stringify(name)}`);
}
