// Selects the images that a step can have: those with a tag.
import { type Note, note, quote } from "./imported.ts";
import { fullImage } from "./link-builds.ts";

/**
 * Images without a namespace get `namespace`. Their original names follow at the end, as FROM lines may use those.
 * `label` names the owner of the images in notes.
 */
export function taggedImages(
  label: string,
  images: readonly string[],
  namespace: string | null,
  notes: Note[],
): string[] {
  const kept = new Set<string>();
  const originals = new Set<string>();
  for (const image of images) {
    const hasNamespace = image.includes("/");
    const full = fullImage(hasNamespace || namespace === null ? image : `${namespace}/${image}`);
    if (full === null) {
      notes.push(note(`${label}: ${quote(image)} was not imported: it is not an image with a tag`));
    } else if (!hasNamespace && namespace === null) {
      notes.push(note(`${label}: ${quote(image)} has no namespace; set it with --namespace NAME`));
    } else {
      kept.add(full);
      if (!hasNamespace) originals.add(fullImage(image) ?? full);
    }
  }
  const [first, ...others] = kept;
  if (others.length > 0) {
    const names = others.slice(0, 10).join(", ");
    notes.push(note(`${label}: imported only ${first}, and not its other tags (${names})`));
  }
  return [...kept, ...originals];
}
