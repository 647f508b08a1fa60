// Thousands of images at several registries: families of a base and nine images that stand on it.
import type { ImageToCheck } from "../../shared/evidence/freshness.ts";
import type { LimitedRegistry } from "./limited-registry.ts";

const familySize = 10;

/** `isKnown`: a run has proven each image. */
export function pushFamilies(
  registries: readonly LimitedRegistry[],
  imageCount: number,
  isKnown: boolean,
): ImageToCheck[] {
  return Array.from({ length: imageCount / familySize }, (_, family) => {
    const registry = registries[family % registries.length];
    if (registry === undefined) throw new Error("expected a registry, found none");
    const name = `base-${family}`;
    const layers = [`layer of ${name}`];
    const base = registry.push(name, layers);
    const children = Array.from({ length: familySize - 1 }, (_, index): ImageToCheck => {
      const child = `image-${family}-${index}`;
      const digest = registry.push(child, [...layers, `layer of ${child}`]);
      return {
        image: registry.image(child),
        bases: [
          {
            name: { kind: "step", step: name },
            image: registry.image(name),
            earlier: [],
            proven: isKnown ? { imageDigest: digest, baseDigest: base } : null,
            isFrom: true,
          },
        ],
      };
    });
    return [{ image: registry.image(name), bases: [] }, ...children];
  }).flat();
}
