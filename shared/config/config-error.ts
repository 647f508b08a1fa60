// The error of a configuration: everything that is wrong with it, one problem a line.
import type { Problem } from "../validation/expectation.ts";

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], file: string | null = null) {
    const lines = problems.map(({ path, message }) =>
      [file, showPath(path), message].filter(Boolean).join(": "),
    );
    super(lines.join("\n"));
    this.problems = problems;
  }

  inFile(file: string): ConfigError {
    return new ConfigError(this.problems, file);
  }
}

function showPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      return index === 0 ? String(key) : `.${String(key)}`;
    })
    .join("");
}
