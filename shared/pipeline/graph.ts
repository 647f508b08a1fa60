// Sorts the nodes of a graph so that each comes after its predecessors, and finds cycles.

export type Node = { name: string; after: readonly string[] };

export type Ordered<N> = { kind: "ordered"; nodes: N[] } | { kind: "cycle"; names: string[] };

/** Puts each node after its predecessors, and otherwise keeps the given order. Ignores names that are not in the graph. */
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
      const cycle = before === undefined ? null : place(before);
      if (cycle !== null) return cycle;
    }
    path.pop();
    placed.add(node.name);
    ordered.push(node);
    return null;
  };

  for (const node of nodes) {
    const cycle = place(node);
    if (cycle !== null) return { kind: "cycle", names: cycle };
  }
  return { kind: "ordered", nodes: ordered };
}

/** Formats a cycle in the order of the builds: `"a" → "b" → "a"`. */
export function formatCycle(names: readonly string[]): string {
  return names
    .toReversed()
    .map((name) => JSON.stringify(name))
    .join(" → ");
}

/** The names of `roots` and of everything that comes after them, directly or not. `nodes` must be sorted. */
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
