// Handles `upstreamsLookedUp`: a changed digest of an upstream image starts a run of the steps built from it.
import type { Pipeline } from "../pipeline/pipeline.ts";
import { ignored } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import { rememberSeen, startOrQueue } from "./on-start.ts";
import type { PipelineState } from "./state.ts";

export function onUpstreamsLookedUp(
  pipeline: Pipeline,
  state: PipelineState,
  { digests, newRunId }: EventOf<"upstreamsLookedUp">,
  now: number,
): Decision {
  const lastDigest = new Map(state.lastSeen.map(({ name, value }) => [name, value]));
  const differing = digests.filter(({ image, digest }) => lastDigest.get(keyOf(image)) !== digest);
  if (differing.length === 0) return ignored(state, "no upstream has changed");
  const remembered = rememberSeen(
    state,
    differing.map(({ image, digest }) => ({ name: keyOf(image), value: digest })),
  );
  // An image that is seen for the first time has not changed.
  const changed = differing.map(({ image }) => image).filter((image) => lastDigest.has(keyOf(image)));
  const from = pipeline.steps
    .filter(({ upstreams }) => upstreams.some((image) => changed.includes(image)))
    .map(({ name }) => name);
  if (from.length === 0) return ignored(remembered, "no upstream has changed");
  return startOrQueue(pipeline, remembered, { id: newRunId, cause: "upstream", from, pushedStep: null }, now);
}

function keyOf(image: string): string {
  return `image ${image}`;
}
