// Checks the upstream images of pipelines as often as they ask for, and first when the program starts.
import type { LookUpDigest } from "../../shared/kinds/registry.ts";
import { messageOf } from "../../shared/log.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { upstreamsOf } from "../../shared/pipeline/upstreams-of.ts";
import { lookAtUpstreams } from "../../shared/relay/look-at-upstreams.ts";
import type { Relay } from "../../shared/relay/relay.ts";

/** Each call checks the pipelines that are due. A check that fails does not affect others, and is repeated next time. */
export function createUpstreamChecks(relay: Relay, lookUpDigest: LookUpDigest): () => Promise<void> {
  const pipelines = [...relay.pipelines.values()].filter((pipeline) => upstreamsOf(pipeline).length > 0);
  const nextAt = new Map<Pipeline, number>();
  return async () => {
    const now = relay.clock();
    const due = pipelines.filter((pipeline) => (nextAt.get(pipeline) ?? now) <= now);
    await Promise.all(
      due.map(async (pipeline) => {
        nextAt.set(pipeline, now + pipeline.upstreamEveryMs);
        try {
          await lookAtUpstreams(relay, pipeline, lookUpDigest);
        } catch (error) {
          const reason = messageOf(error);
          relay.log("error", { event: "upstreams.failed", pipeline: pipeline.name, reason });
        }
      }),
    );
  };
}
