// Finds where in the document the problems of a configuration are.
import type { Finding, Problem } from "../validation/expectation.ts";
import { type Origins, originKey } from "./expand-matrices.ts";
import type { Path } from "./report.ts";

/** A problem, and its place in the document: that of an unknown key, or of the step that a matrix made others of. */
export type PlacedProblem = Problem & { place?: Path };

/** What is wrong with a step that has a matrix is wrong with each step that it makes, but is reported once. */
export function placeProblems(findings: readonly Finding[], origins: Origins): PlacedProblem[] {
  const reportedFor = new Map<string, string>();
  return findings.flatMap(({ path, message, unknownKey }) => {
    const origin = origins.get(originKey(path[1], path[3]));
    const isOfStep = path[0] === "pipelines" && path[2] === "steps" && origin !== undefined;
    const place = isOfStep ? [...origin.path, ...path.slice(4)] : path;
    if (isOfStep) {
      const key = JSON.stringify(place);
      if ((reportedFor.get(key) ?? origin.step) !== origin.step) return [];
      reportedFor.set(key, origin.step);
    }
    return { path, message, place: unknownKey === null ? place : [...place, unknownKey] };
  });
}
