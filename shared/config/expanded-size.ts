// Counts the values of a YAML document with all aliases written out: a few lines can mean billions of values.
import { isAlias, isMap, isPair, isScalar, isSeq, type YAMLMap } from "yaml";

/** Some 200 for each of 10,000 pipelines. */
export const maxValues = 2_000_000;

/** Without aliases, no document is too large. With an alias of what it is in itself, it has no end. */
export function isTooLarge(contents: unknown, targetOf: (alias: object) => unknown): boolean {
  const sizes = new Map<unknown, number>();
  const widths = new Map<unknown, number>();
  let written = 0;
  const follow = (node: unknown): unknown => (isAlias(node) ? targetOf(node) : node);
  const sourcesOf = ({ items }: YAMLMap) =>
    items.filter(isMerge).flatMap(({ value }) => entriesOf(follow(value)));
  /** How many keys a map has with those that it is merged with. */
  const widthOf = (node: unknown): number => {
    if (!isMap(node)) return 0;
    const width =
      widths.get(node) ??
      sourcesOf(node).reduce<number>((sum, one) => sum + widthOf(follow(one)), node.items.length);
    widths.set(node, width);
    return width;
  };
  const sizeOf = (given: unknown): number => {
    const node = follow(given);
    const known = sizes.get(node);
    if (known !== undefined) return known;
    written += 1;
    if (!isMap(node) && !isSeq(node)) return 1;
    // While it is open, it can only be met again within itself.
    sizes.set(node, Number.POSITIVE_INFINITY);
    const inside = node.items.map((item) => sizeOf(isPair(item) ? item.value : item));
    // A merge reads its sources once more.
    const merged = isMap(node) ? sourcesOf(node).map((one) => widthOf(follow(one))) : [];
    const size = [...inside, ...merged].reduce<number>((sum, one) => sum + one, 1);
    sizes.set(node, size);
    return size;
  };
  const size = sizeOf(contents);
  return size > Math.max(maxValues, written);
}

function isMerge({ key }: { key: unknown }): boolean {
  return isScalar(key) && key.source === "<<";
}

function entriesOf(node: unknown): unknown[] {
  return isSeq(node) ? node.items : [node];
}
