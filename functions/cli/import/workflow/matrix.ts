// The combinations of a job's matrix, as GitHub makes them.
import { isMap, type Value, type ValueMap } from "../hcl/value.ts";
import { asText, type Contexts, valueOfText } from "./expressions.ts";

const maxRows = 512;

/** One empty combination without a matrix, and also if nothing of it is known. */
export function matrixRows(matrix: Value, contexts: Contexts): ValueMap[] {
  const known = fillAll(matrix, contexts);
  if (!isMap(known)) return [new Map()];
  let rows: ValueMap[] = [new Map()];
  let hasAxes = false;
  for (const [axis, values] of known) {
    if (axis === "include" || axis === "exclude") continue;
    hasAxes = true;
    if (!Array.isArray(values) || rows.length * values.length > maxRows) continue;
    rows = rows.flatMap((row) => values.map((value) => new Map([...row, [axis, value]])));
  }
  const excluded = mapsOf(known.get("exclude"));
  rows = rows.filter((row) => !excluded.some((other) => agrees(other, row)));
  return include(hasAxes ? rows : [], mapsOf(known.get("include")), new Set(known.keys()));
}

/** An entry that changes no axis is added to the rows that it fits; any other is a row of its own. */
function include(
  rows: readonly ValueMap[],
  entries: readonly ValueMap[],
  axes: ReadonlySet<string>,
): ValueMap[] {
  const own: ValueMap[] = [];
  const result = rows.map((row) => new Map(row));
  for (const entry of entries.slice(0, maxRows)) {
    const axesOfEntry = new Map([...entry].filter(([key]) => axes.has(key)));
    const fitting = result.filter((row) => agrees(axesOfEntry, row));
    if (fitting.length === 0 || rows.length === 0) own.push(new Map(entry));
    else for (const row of fitting) for (const [key, value] of entry) row.set(key, value);
  }
  return [...result, ...own];
}

function agrees(entry: ValueMap, row: ValueMap): boolean {
  return [...entry].every(([key, value]) => row.has(key) && asText(row.get(key) ?? null) === asText(value));
}

function mapsOf(value: Value | undefined): ValueMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function fillAll(value: Value, contexts: Contexts): Value {
  if (Array.isArray(value)) return value.map((item) => fillAll(item, contexts));
  if (isMap(value)) return new Map([...value].map(([key, item]) => [key, fillAll(item, contexts)]));
  return typeof value === "string" ? valueOfText(value, contexts) : value;
}
