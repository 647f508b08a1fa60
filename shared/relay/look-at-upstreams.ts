// Looks up the digests of a pipeline's upstream images. A changed one starts a run of the steps built from it.
import type { DigestAnswer, LookUpDigest } from "../kinds/registry.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { upstreamsOf } from "../pipeline/upstreams-of.ts";
import type { UpstreamDigest } from "../run/event.ts";
import { apply } from "./apply.ts";
import { forEachInParallel } from "./in-parallel.ts";
import { logOutcome } from "./log-outcome.ts";
import { newRunId, type Relay } from "./relay.ts";

const maxParallelLookUps = 8;

/** Throws if the store is unreachable. An image that cannot be read is tried again the next time. */
export async function lookAtUpstreams(
  relay: Relay,
  pipeline: Pipeline,
  lookUpDigest: LookUpDigest,
): Promise<void> {
  const digests: UpstreamDigest[] = [];
  await forEachInParallel(upstreamsOf(pipeline), maxParallelLookUps, async (image) => {
    const answer = await lookUpDigest(image);
    if (answer.kind === "found") digests.push({ image, digest: answer.digest, platforms: answer.platforms });
    else logUnreadable(relay, pipeline, image, answer);
  });
  if (digests.length === 0) return;
  const { outcome, state } = await apply(relay, pipeline, {
    kind: "upstreamsLookedUp",
    digests,
    newRunId: newRunId(relay, pipeline),
  });
  const run = outcome.kind === "advanced" ? { run: state.run?.id } : {};
  logOutcome(relay, { event: "upstreams.lookedUp", pipeline: pipeline.name, ...run }, outcome);
}

function logUnreadable(
  relay: Relay,
  { name }: Pipeline,
  image: string,
  answer: Exclude<DigestAnswer, { kind: "found" }>,
): void {
  const reason =
    answer.kind === "missing"
      ? `${image} does not exist, or may not be read: correct or remove this "upstream" of pipeline ${name}, or give its registry a login`
      : answer.reason;
  relay.log("warn", { event: "upstream.notSeen", pipeline: name, image, reason });
}
