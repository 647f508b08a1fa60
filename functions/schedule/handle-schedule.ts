// What EventBridge Scheduler asks for: the start of a pipeline's run, which it may ask for twice, a look at its
// upstreams, or a sweep.
import * as z from "zod/mini";
import { wordIssue } from "../../shared/core/expectation.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { LookUpDigest } from "../../shared/docker-hub/look-up-digest.ts";
import { lookAtUpstreams } from "../../shared/relay/look-at-upstreams.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { startScheduled } from "../../shared/relay/start-scheduled.ts";
import { sweep } from "../../shared/relay/sweep.ts";

export const scheduleEvent = z.union([
  z.object({ start: z.string(), scheduledFor: z.iso.datetime({ offset: true }) }),
  z.object({ lookAtUpstreams: z.string() }),
  z.object({ sweep: z.literal(true) }),
]);
export type ScheduleEvent = z.infer<typeof scheduleEvent>;

/** Throws where something is to be tried again, and then looked at by a person. */
export function createScheduleHandler(
  relay: Relay,
  lookUpDigest: LookUpDigest,
): (event: unknown) => Promise<void> {
  return async (event) => {
    const asked = scheduleEvent.parse(event, { error: wordIssue });
    if ("start" in asked) {
      await startScheduled(relay, pipelineOf(relay, asked.start), Date.parse(asked.scheduledFor));
    } else if ("lookAtUpstreams" in asked) {
      await lookAtUpstreams(relay, pipelineOf(relay, asked.lookAtUpstreams), lookUpDigest);
    } else {
      const looked = await sweep(relay);
      relay.log("info", { event: "sweep.done", pipelines: looked });
    }
  };
}

function pipelineOf(relay: Relay, name: string): Pipeline {
  const pipeline = relay.pipelines.get(name);
  if (pipeline !== undefined) return pipeline;
  throw new Error(`expected a pipeline of this deployment, found ${JSON.stringify(name)}`);
}
