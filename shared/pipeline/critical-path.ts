// The chain of steps that decides how long a run takes.
import type { Node } from "./graph.ts";

/** The names, first to last; a step of unknown duration counts nothing. `nodes` must be sorted. */
export function criticalPath(nodes: readonly Node[], durationOf: (name: string) => number): string[] {
  const best = new Map<string, { ms: number; before: string | null }>();
  for (const { name, after } of nodes) {
    const known = after.filter((other) => best.has(other));
    const before = known.toSorted((a, b) => (best.get(b)?.ms ?? 0) - (best.get(a)?.ms ?? 0))[0] ?? null;
    const start = before === null ? 0 : (best.get(before)?.ms ?? 0);
    best.set(name, { ms: start + durationOf(name), before });
  }
  const [last] = [...best].toSorted(([, a], [, b]) => b.ms - a.ms);
  const path: string[] = [];
  for (let at: string | null = last?.[0] ?? null; at !== null; at = best.get(at)?.before ?? null)
    path.unshift(at);
  return path;
}
