// What it changes that the images which a pipeline is built from were looked up: new ones start a run.
import { leave } from "./decision.ts";
import type { Decision, EventOf } from "./event.ts";
import type { Pipeline } from "./pipeline.ts";
import type { PipelineState } from "./run.ts";
import { remember, startRun } from "./start-run.ts";

export function takeDigests(
  pipeline: Pipeline,
  state: PipelineState,
  { digests, newRunId }: EventOf<"upstreamsLookedUp">,
  now: number,
): Decision {
  const lastDigest = new Map(state.news.map(({ of, is }) => [of, is]));
  const news = digests.filter(({ image, digest }) => lastDigest.get(nameOf(image)) !== digest);
  if (news.length === 0) return leave(state, "ignored", "no upstream has changed");
  const seen = remember(
    state,
    news.map(({ image, digest }) => ({ of: nameOf(image), is: digest })),
  );
  // What is seen for the first time has not changed.
  const changed = news.map(({ image }) => image).filter((image) => lastDigest.has(nameOf(image)));
  const from = pipeline.steps
    .filter(({ upstreams }) => upstreams.some((image) => changed.includes(image)))
    .map(({ name }) => name);
  if (from.length === 0) return leave(seen, "ignored", "no upstream has changed");
  const request = { newRunId, cause: "upstream", from, scheduledFor: null, news: null } as const;
  return startRun(pipeline, seen, { kind: "runRequested", ...request }, now);
}

function nameOf(image: string): string {
  return `image ${image}`;
}
