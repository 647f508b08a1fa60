// Orders what comes after one another, and finds circles in it.

export type Node = { name: string; after: readonly string[] };

export type Ordered<N> = { kind: "ordered"; nodes: N[] } | { kind: "circle"; names: string[] };

/** Each node after all that it comes after, otherwise as given. Names outside of the graph are passed over. */
export function order<N extends Node>(nodes: readonly N[]): Ordered<N> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const ordered: N[] = [];
  const placed = new Set<string>();
  const path: string[] = [];

  const place = (node: N): string[] | null => {
    if (placed.has(node.name)) return null;
    const seenAt = path.indexOf(node.name);
    if (seenAt !== -1) return [...path.slice(seenAt), node.name];
    path.push(node.name);
    for (const name of node.after) {
      const before = byName.get(name);
      const circle = before === undefined ? null : place(before);
      if (circle !== null) return circle;
    }
    path.pop();
    placed.add(node.name);
    ordered.push(node);
    return null;
  };

  for (const node of nodes) {
    const circle = place(node);
    if (circle !== null) return { kind: "circle", names: circle };
  }
  return { kind: "ordered", nodes: ordered };
}

/** A circle as people follow it: from each to what comes after it. */
export function circleOf(names: readonly string[]): string {
  return names
    .toReversed()
    .map((name) => JSON.stringify(name))
    .join(" → ");
}

/** The names of `roots` and of all that comes after them, near or far. `nodes` are in order. */
export function withDescendants(nodes: readonly Node[], roots: readonly string[]): Set<string> {
  const reached = new Set(roots);
  for (const node of nodes) {
    if (node.after.some((name) => reached.has(name))) reached.add(node.name);
  }
  return reached;
}

export function successors(nodes: readonly Node[], name: string): string[] {
  return nodes.filter((node) => node.after.includes(name)).map((node) => node.name);
}
