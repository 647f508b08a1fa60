// The targets of a bake file with their values: matrices are expanded, and what they inherit is added.
import { type BakeFile, scopeOf, targetsOfGroup } from "./bake-file.ts";
import { evaluate, type Scope, withNames } from "./hcl/evaluate.ts";
import type { Expression } from "./hcl/syntax.ts";
import { isMap, isWhole, textOrNull, type Value, type ValueMap } from "./hcl/value.ts";
import { ImportError, type Note, note, quote } from "./imported.ts";

export type BakeTarget = { name: string; attributes: ReadonlyMap<string, Value> };

const maxTargets = 5000;
/** Attributes that the import uses. */
const used = [
  ...["inherits", "tags", "context", "dockerfile", "dockerfile-inline", "target", "args", "contexts"],
  ...["platforms", "output"],
];
/** Merged with what is inherited, in place of replacing it. */
const merged = new Set(["args", "contexts"]);

export function bakeTargets(file: BakeFile, notes: Note[]): BakeTarget[] {
  const scope = scopeOf(file);
  const groups = new Map<string, string[]>(
    [...file.groups.keys()].map((name) => [name, targetsOfGroup(name, file, scope)]),
  );
  const own = new Map<string, ReadonlyMap<string, Value>>();
  for (const [name, attributes] of file.targets) {
    const names: string[] = [];
    for (const [expanded, inner] of combinationsOf(name, attributes, scope)) {
      own.set(expanded, valuesOf(attributes, inner));
      names.push(expanded);
      if (own.size > maxTargets) {
        throw new ImportError(`expected at most ${maxTargets} targets, found more; make the matrix smaller`);
      }
    }
    // The name of a target with a matrix stands for all of its targets.
    if (attributes.has("matrix")) groups.set(name, names);
  }
  const targets = [...own.keys()].map((name) => ({ name, attributes: inherit(name, own, groups, []) }));
  for (const { name, attributes } of targets) noteUnknown(name, attributes, notes);
  return targets;
}

function valuesOf(attributes: ReadonlyMap<string, Expression>, scope: Scope): Map<string, Value> {
  return new Map(
    used.flatMap((key): [string, Value][] => {
      const expression = attributes.get(key);
      return expression === undefined ? [] : [[key, evaluate(expression, scope)]];
    }),
  );
}

/** The name and the scope of each combination of the matrix; of the target itself without one. */
function combinationsOf(
  name: string,
  attributes: ReadonlyMap<string, Expression>,
  scope: Scope,
): [string, Scope][] {
  const matrix = attributes.get("matrix");
  if (matrix === undefined) return [[name, scope]];
  const axes = evaluate(matrix, scope);
  let rows: ValueMap[] = [new Map()];
  for (const [axis, values] of isMap(axes) ? axes : []) {
    const items = Array.isArray(values) ? values : [values];
    if (rows.length * items.length > maxTargets) {
      throw new ImportError(
        `expected at most ${maxTargets} targets, found more; make the matrix of ${quote(name)} smaller`,
      );
    }
    rows = rows.flatMap((row) => items.map((item) => new Map([...row, [axis, item]])));
  }
  return rows.map((row, index) => {
    const inner = withNames(scope, row);
    const named = attributes.get("name");
    const own = named === undefined ? null : textOrNull(evaluate(named, inner));
    return [own ?? (row.size === 0 ? name : `${name}-${index + 1}`), inner];
  });
}

/** Later parents override earlier ones, and the target's own settings override all of them. */
function inherit(
  name: string,
  targets: ReadonlyMap<string, ReadonlyMap<string, Value>>,
  groups: ReadonlyMap<string, readonly string[]>,
  below: readonly string[],
): Map<string, Value> {
  const own = targets.get(name);
  if (own === undefined) {
    throw new ImportError(
      `expected a target, found that ${quote(below.at(-1) ?? "")} inherits from ${quote(name)}, which does not exist`,
    );
  }
  if (below.includes(name)) {
    const cycle = [...below.slice(below.indexOf(name)), name].map(quote).join(" → ");
    throw new ImportError(
      `expected targets without circular inheritance, found a cycle in which each inherits from the next: ${cycle}`,
    );
  }
  const inherits = own.get("inherits") ?? null;
  const parents = (Array.isArray(inherits) ? inherits : [inherits]).flatMap(
    (value) => textOrNull(value) ?? [],
  );
  const result = new Map<string, Value>();
  for (const parent of parents.flatMap((label) =>
    targets.has(label) ? [label] : (groups.get(label) ?? [label]),
  )) {
    mergeInto(result, inherit(parent, targets, groups, [...below, name]));
  }
  mergeInto(result, own);
  return result;
}

function mergeInto(result: Map<string, Value>, more: ReadonlyMap<string, Value>): void {
  for (const [key, value] of more) {
    const before = result.get(key);
    const isMerged = merged.has(key) && before !== undefined && isMap(before) && isMap(value);
    result.set(key, isMerged ? new Map([...before, ...value]) : value);
  }
}

function noteUnknown(name: string, attributes: ReadonlyMap<string, Value>, notes: Note[]): void {
  const keys = [...attributes]
    .filter(([key, value]) => key !== "output" && !isWhole(value))
    .map(([key]) => key);
  if (keys.length > 0) {
    notes.push(note(`${name}: parts of ${keys.join(", ")} cannot be known without a build; check them`));
  }
}
