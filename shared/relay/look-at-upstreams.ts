// Looks whether the images that a pipeline is built from have changed: then a run of what is built from them starts.
import type { Pipeline } from "../core/pipeline.ts";
import type { DigestAnswer, LookUpDigest } from "../docker-hub/look-up-digest.ts";
import { apply } from "./apply.ts";
import { newRunId, type Relay } from "./relay.ts";
import { upstreamsOf } from "./upstreams-of.ts";

const atOnce = 8;

/** Throws where the store cannot be reached; an image that cannot be seen is looked at the next time. */
export async function lookAtUpstreams(
  relay: Relay,
  pipeline: Pipeline,
  lookUpDigest: LookUpDigest,
): Promise<void> {
  const queue = upstreamsOf(pipeline);
  const digests: { image: string; digest: string }[] = [];
  const work = async () => {
    for (let image = queue.shift(); image !== undefined; image = queue.shift()) {
      const answer = await lookUpDigest(image);
      if (answer.kind === "found") digests.push({ image, digest: answer.digest });
      else tellUnseen(relay, pipeline, image, answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, work));
  if (digests.length === 0) return;
  const { outcome, state } = await apply(relay, pipeline, {
    kind: "upstreamsLookedUp",
    digests,
    newRunId: newRunId(relay, pipeline),
  });
  relay.log("info", {
    event: "upstreams.lookedUp",
    pipeline: pipeline.name,
    ...(outcome.kind === "advanced" ? { run: state.run?.id } : {}),
    outcome: outcome.kind,
    ...("reason" in outcome ? { reason: outcome.reason } : {}),
  });
}

function tellUnseen(
  relay: Relay,
  { name }: Pipeline,
  image: string,
  answer: Exclude<DigestAnswer, { kind: "found" }>,
): void {
  const reason =
    answer.kind === "missing"
      ? `${image} is not on Docker Hub, or not for everyone: correct the "upstream" of pipeline ${name}, or take it out`
      : answer.reason;
  relay.log("warn", { event: "upstream.notSeen", pipeline: name, image, reason });
}
