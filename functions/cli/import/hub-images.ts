// Keeps of some names of images those that Tagrelay can hear of: tags on Docker Hub.
import { type Note, note, quote } from "./imported.ts";
import { fullImage } from "./link-builds.ts";

/**
 * `label` is what the images belong to. What is not kept is told. Names without a namespace get `namespace`, and stay
 * at the end as they were, since FROM lines may name them so.
 */
export function hubImages(
  label: string,
  images: readonly string[],
  namespace: string | null,
  notes: Note[],
): string[] {
  const kept = new Set<string>();
  const bare = new Set<string>();
  for (const image of images) {
    const isBare = !image.includes("/");
    const full = fullImage(isBare && namespace !== null ? `${namespace}/${image}` : image);
    if (full === null) notes.push(note(`${label}: ${quote(image)} is left out: it is no tag on Docker Hub`));
    else if (isBare && namespace === null) {
      notes.push(note(`${label}: ${quote(image)} is left out: --namespace tells where it is pushed to`));
    } else {
      kept.add(full);
      if (isBare) bare.add(fullImage(image) ?? full);
    }
  }
  const [first, ...others] = kept;
  if (others.length > 0) {
    notes.push(note(`${label}: ${first} stands for all of its tags (${others.slice(0, 10).join(", ")})`));
  }
  return [...kept, ...bare];
}
