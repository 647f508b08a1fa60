// Refuses a pipeline whose state could outgrow an item of the store. What a state only tells is left out of a large one
// (run/shed.ts); this counts what decides, in packed bytes, at its worst.
import { imageName } from "../image/image.ts";
import type { Pipeline, Step } from "../pipeline/pipeline.ts";
import type { Report } from "./report.ts";

/** DynamoDB accepts 409,600 bytes; the rest is for the keys and for what does not depend on the steps. */
const maxBytes = 390_000;

/** Measured with names that do not compress; test/shared/store/fit.test.ts checks that the worst state fits. */
const perStep = { itself: 250, nameLetter: 4, base: 70, move: 110 };

export function reportSize(
  { steps, promotesTogether }: Pick<Pipeline, "steps" | "promotesTogether">,
  report: Report,
): void {
  const bytes = steps.reduce((sum, step) => sum + bytesOf(step, promotesTogether), 0);
  if (bytes <= maxBytes) return;
  report(
    ["steps"],
    `expected steps whose state takes at most ${maxBytes / 1_000} KB, which is what an item of DynamoDB holds, found ${steps.length} steps, whose state may take ${Math.ceil(bytes / 1_000)} KB; split it into several pipelines, joined by "after"`,
  );
}

function bytesOf({ name, image, tags, after, upstreams }: Step, promotesTogether: boolean): number {
  const imageLetters = image === null ? 0 : imageName(image).length;
  const moves = promotesTogether ? (1 + tags.length) * (perStep.move + imageLetters + name.length) : 0;
  const bases = (after.length + upstreams.length) * perStep.base;
  return perStep.itself + name.length * perStep.nameLetter + imageLetters + bases + moves;
}
