// Looks at the pipelines' upstreams as often as they say: first when the program starts, so that a change is known as one.
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { LookUpDigest } from "../../shared/docker-hub/look-up-digest.ts";
import { lookAtUpstreams } from "../../shared/relay/look-at-upstreams.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { upstreamsOf } from "../../shared/relay/upstreams-of.ts";

/** Each call looks where it is time to. A look that fails keeps no other back, and is made again the next time. */
export function createUpstreamLooks(relay: Relay, lookUpDigest: LookUpDigest): () => Promise<void> {
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
          const reason = error instanceof Error ? error.message : "unknown";
          relay.log("error", { event: "upstreams.failed", pipeline: pipeline.name, reason });
        }
      }),
    );
  };
}
