// What the builds of a run push: an image, or a candidate of it.
import { imageName, splitImageName } from "../../../shared/image/image.ts";
import { targetOf } from "../../../shared/run/candidates.ts";
import type { Run } from "../../../shared/run/state.ts";

export function targetNameOf(run: Run, image: string): string {
  return imageName(targetOf(run, splitImageName(image)));
}
