// Which images from elsewhere a pipeline is built from.
import type { Pipeline } from "../core/pipeline.ts";

/** Each once, by its whole name. */
export function upstreamsOf({ steps }: Pipeline): string[] {
  return [...new Set(steps.flatMap(({ upstreams }) => upstreams))];
}
