// Finds the namespace of images that are named without one.
import type { Need } from "./dockerfile.ts";
import { readReference } from "./image-reference.ts";
import { type NamingOptions, type Note, note, placeholderNamespace } from "./imported.ts";

export type Namespace = { name: string; isPlaceholder: boolean };

/**
 * Of `--namespace`, or what most FROM lines of images called `names` have, or most images that do have a namespace. If
 * nothing tells, a placeholder that a person must replace.
 */
export function findNamespace(
  names: ReadonlySet<string>,
  images: readonly string[],
  needs: readonly Need[],
  options: NamingOptions,
  notes: Note[],
): Namespace {
  if (options.namespace !== null) return { name: options.namespace, isPlaceholder: false };
  const inFrom = mostFrequent(
    needs.flatMap(({ text, unknown }) => {
      const { registry, repository } = readReference(text);
      const [, namespace = "", name = ""] = /^(.+)\/([^/]+)$/.exec(repository) ?? [];
      if (!names.has(name) || unknown.length > 0 || namespace === "library") return [];
      return [registry === null ? namespace : `${registry}/${namespace}`];
    }),
  );
  if (inFrom !== null) {
    notes.push(note(`the namespace ${inFrom} comes from the FROM lines; set another one with --namespace`));
    return { name: inFrom, isPlaceholder: false };
  }
  const inImages = mostFrequent(
    images.flatMap((image) => {
      const { registry, repository } = readReference(image);
      const namespace = repository.split("/").slice(0, -1).join("/");
      if (namespace === "" || namespace === "library" || /[$?]/.test(namespace)) return [];
      return [registry === null ? namespace : `${registry}/${namespace}`];
    }),
  );
  if (inImages === null) return { name: placeholderNamespace, isPlaceholder: true };
  notes.push(
    note(`the namespace ${inImages} comes from other images of the folder; set another one with --namespace`),
  );
  return { name: inImages, isPlaceholder: false };
}

/** The first one of those that are equally frequent. */
function mostFrequent(texts: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? null;
}
