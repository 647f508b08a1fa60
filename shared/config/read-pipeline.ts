// Reads a pipeline by its grammar. Where a value is wrong, it is left out, so that the others are still checked.
import { meantBy } from "../validation/did-you-mean.ts";
import { describeIssue, type Finding, findingsOf, isMissing } from "../validation/expectation.ts";
import { isEntries } from "./map-texts.ts";
import { type PipelineDocument, pipelineGrammar, stepGrammar } from "./pipeline-grammar.ts";
import { isWithin, type Path } from "./report.ts";

export type ReadPipeline = {
  /** Null if nothing of it can be read. */
  document: PipelineDocument | null;
  findings: Finding[];
  /** The places of what was left out. */
  unread: Path[];
};

export function readPipeline(entry: unknown): ReadPipeline {
  const findings: Finding[] = [];
  const unread: Path[] = [];
  let value = entry;
  for (;;) {
    const parsed = pipelineGrammar.safeParse(value, { error: describeIssue, reportInput: true });
    if (parsed.success) return { document: parsed.data, findings, unread };
    const found = findingsOf(parsed.error);
    findings.push(...found.filter((finding) => !isConsequence(finding, unread)));
    // Backwards, so that the places in a list stay what they are.
    for (const finding of found.toReversed()) {
      const place = placeOf(finding, value);
      if (place.length === 0) return { document: null, findings, unread };
      unread.push(place, ...meantKeys(finding, value));
      value = leaveOut(value, place);
    }
  }
}

/** What is left out can make what is around it wrong, or be missed. */
function isConsequence({ path, message }: Finding, unread: readonly Path[]): boolean {
  if (unread.length > 0 && isMissing(message)) return true;
  return unread.some((place) => isWithin(path, place) || isWithin(place, path));
}

/** What has to be left out so that the rest can be read. */
function placeOf({ path, unknownKey }: Finding, value: unknown): Path {
  if (unknownKey !== null) return [...path, unknownKey];
  const index = path.findIndex((key) => typeof key === "number");
  const keepsPlaces = path[0] === "sequence" || (path[0] === "steps" && path[2] === "after");
  let place = index === -1 || keepsPlaces ? path : path.slice(0, index);
  // A required key is missing: the map around it cannot be read.
  while (place.length > 0 && valueAt(value, place) === undefined) place = place.slice(0, -1);
  return isEmptyStep(value, place) ? ["steps"] : place;
}

function isEmptyStep(value: unknown, place: Path): boolean {
  const step = place.length === 2 && place[0] === "steps" ? valueAt(value, place) : null;
  return isEntries(step) && Object.keys(step).length === 0;
}

/** The settings that an unknown key may be meant to be. */
function meantKeys({ path, unknownKey }: Finding, value: unknown): Path[] {
  if (unknownKey === null) return [];
  const shape = path.length === 0 ? pipelineGrammar.shape : stepGrammar.shape;
  if (path.length > 0 && !(path[0] === "steps" && path.length === 2)) return [];
  const absent = Object.keys(shape).filter((key) => valueAt(value, [...path, key]) === undefined);
  const meant = meantBy(unknownKey, Object.keys(shape));
  return absent.filter((key) => meant === null || key === meant).map((key) => [...path, key]);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isEntries(inner) && Object.hasOwn(inner, key) ? inner[String(key)] : undefined;
  }, value);
}

/** A step keeps its name and an entry of a sequence its place, for what refers to them. */
function leaveOut(value: unknown, path: Path, depth = 0): unknown {
  const key = path[depth];
  const isLast = depth === path.length - 1;
  if (Array.isArray(value)) {
    return value.flatMap((inner, index): unknown[] => {
      if (index !== key) return [inner];
      if (!isLast) return [leaveOut(inner, path, depth + 1)];
      return path[0] === "sequence" ? [standIn(path)] : [];
    });
  }
  if (!isEntries(value)) return value;
  const isStep = isLast && path[0] === "steps" && path.length === 2;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
      if (name !== key) return [[name, inner]];
      if (isStep) return [[name, {}]];
      if (isLast && path[0] === "parameters" && typeof inner !== "string") return [[name, ""]];
      return isLast ? [] : [[name, leaveOut(inner, path, depth + 1)]];
    }),
  );
}

/** No problem at its place is reported. */
function standIn(path: Path): string {
  return path.join("-");
}
