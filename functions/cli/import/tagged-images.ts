// Completes the images that a step can have: with a namespace and a tag.
import type { ContextBuild } from "./context-builds.ts";
import { type Note, note, quote } from "./imported.ts";
import { fullImage } from "./link-builds.ts";

/**
 * Images without a namespace get `namespace`. Their original names follow at the end, as FROM lines may use those.
 */
export function taggedImages(
  { label, images, isNamedHere }: Pick<ContextBuild, "label" | "images" | "isNamedHere">,
  namespace: string | null,
  tag: string | null,
  notes: Note[],
): string[] {
  const kept = new Set<string>();
  const originals = new Set<string>();
  for (const image of images) {
    const hasNamespace = image.includes("/");
    const hasTag = image.lastIndexOf(":") > image.lastIndexOf("/");
    const tagged = hasTag || tag === null ? image : `${image}:${tag}`;
    // A `?` is a namespace that is not known, at a registry that is.
    const owner = namespace?.split("/").at(-1) ?? "";
    const full = fullImage(hasNamespace ? tagged.replace("/?/", `/${owner}/`) : `${namespace}/${tagged}`);
    if (full === null) {
      notes.push(note(`${label}: ${quote(image)} was not imported: it is not an image with a tag`));
    } else {
      kept.add(full);
      if (!hasNamespace && isNamedHere !== true) originals.add(fullImage(tagged) ?? full);
    }
  }
  const [first, ...others] = kept;
  if (others.length > 0) {
    const names = others.slice(0, 10).join(", ");
    notes.push(note(`${label}: imported only ${first}, and not its other tags (${names})`));
  }
  return [...kept, ...originals];
}
