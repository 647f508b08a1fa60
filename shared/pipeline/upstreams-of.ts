// Lists the images from elsewhere that a pipeline is built from.
import type { Pipeline } from "./pipeline.ts";

/** Full names, without duplicates. */
export function upstreamsOf({ steps }: Pipeline): string[] {
  return [...new Set(steps.flatMap(({ upstreams }) => upstreams))];
}
