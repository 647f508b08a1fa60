// Handles `upstreamsLookedUp`: a new version of an upstream image starts a run of the steps built from it.
import { createHash } from "node:crypto";
import { shortDigest } from "../evidence/evidence.ts";
import { isBuilt, type Pipeline } from "../pipeline/pipeline.ts";
import { ignored } from "./decision.ts";
import type { Decision, EventOf, UpstreamDigest } from "./event.ts";
import { rememberSeen, startOrQueue } from "./on-start.ts";
import type { PipelineState } from "./state.ts";

export function onUpstreamsLookedUp(
  pipeline: Pipeline,
  state: PipelineState,
  { digests, newRunId }: EventOf<"upstreamsLookedUp">,
  now: number,
): Decision {
  const last = new Map(state.lastSeen.map(({ name, value }) => [name, value]));
  const versions = digests.map((upstream) => ({
    ...upstream,
    version: versionOf(upstream, pipeline.upstreamPlatforms),
  }));
  const differing = versions.filter(({ image, version }) => last.get(keyOf(image)) !== version);
  if (differing.length === 0) return ignored(state, "no upstream has changed");
  const remembered = rememberSeen(
    state,
    differing.map(({ image, version }) => ({ name: keyOf(image), value: version })),
  );
  // An image that is seen for the first time has not changed. Earlier versions of this program kept the image's own digest.
  const changed = differing
    .filter(({ image, digest }) => last.has(keyOf(image)) && last.get(keyOf(image)) !== digest)
    .map(({ image }) => image);
  const from = pipeline.steps
    .filter((step) => isBuilt(step) && step.upstreams.some((image) => changed.includes(image)))
    .map(({ name }) => name);
  if (from.length === 0) return ignored(remembered, "no upstream has changed");
  const because = describeChanges(digests.filter(({ image }) => changed.includes(image)));
  const start = {
    id: newRunId,
    cause: "upstream",
    from,
    pushedStep: null,
    because,
    onlyStale: false,
  } as const;
  return startOrQueue(pipeline, remembered, start, now, state);
}

/** An index has another digest after each build, because of its attestations, so the manifests of its platforms count. */
function versionOf({ digest, platforms }: UpstreamDigest, wanted: readonly string[] | null): string {
  const counting = platforms?.filter(
    ({ platform }) => wanted?.some((one) => isPartOf(platform, one)) ?? true,
  );
  if (counting === undefined || counting.length === 0) return digest;
  const lines = counting.map(({ platform, digest: manifest }) => `${platform} ${manifest}`).sort();
  return `platforms:${createHash("sha256").update(lines.join("\n")).digest("hex")}`;
}

/** `linux/arm64` includes all its variants. */
function isPartOf(platform: string, wanted: string): boolean {
  return platform === wanted || platform.startsWith(`${wanted}/`);
}

function describeChanges(digests: readonly UpstreamDigest[]): string {
  return digests.map(({ image, digest }) => `${image} is ${shortDigest(digest)} now`).join(", ");
}

function keyOf(image: string): string {
  return `image ${image}`;
}
