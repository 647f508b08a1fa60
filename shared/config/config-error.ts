// The error of a configuration: everything that is wrong with it, one problem a line.
import { type Problem, showPath } from "../validation/expectation.ts";
import type { PlacedProblem } from "./place-problems.ts";
import type { Path } from "./report.ts";

/** The line of the file that has a place of the document. */
export type LineOf = (place: Path) => number | null;

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];
  readonly #placed: readonly PlacedProblem[];
  constructor(placed: readonly PlacedProblem[], file: string | null = null) {
    const problems = placed.map(({ place: _, ...problem }) => problem);
    const lines = problems.map(({ path, message, line }) => {
      const start = file === null || line === undefined ? file : `${file}:${line}`;
      return [start, showPath(path), message].filter(Boolean).join(": ");
    });
    super(lines.join("\n"));
    this.problems = problems;
    this.#placed = placed;
  }

  with(more: readonly PlacedProblem[]): ConfigError {
    return new ConfigError([...more, ...this.#placed]);
  }

  /** In the order of the file. */
  inFile(file: string, lineOf: LineOf): ConfigError {
    const placed = this.#placed.map((problem) => {
      const line = problem.line ?? lineOf(problem.place ?? problem.path);
      return line === null ? problem : { ...problem, line };
    });
    const sorted = placed.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
    return new ConfigError(sorted, file);
  }
}
