// Keeps of some names of images those that Tagrelay can hear of: tags on Docker Hub.
import { type Note, note, quote } from "./imported.ts";
import { fullImage } from "./link-builds.ts";

/** `label` is what the images belong to. Images of another registry are told, not kept. */
export function hubImages(label: string, images: readonly string[], notes: Note[]): string[] {
  const kept: string[] = [];
  for (const image of images) {
    const full = fullImage(image);
    if (full === null) {
      notes.push(note(`${label}: ${quote(image)} is left out: it is no tag on Docker Hub`));
    } else if (!kept.includes(full)) kept.push(full);
  }
  if (kept.length > 1) {
    notes.push(note(`${label}: ${kept[0]} stands for all of its tags (${kept.slice(1, 10).join(", ")})`));
  }
  return kept;
}
