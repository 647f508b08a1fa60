// All that is wrong with a configuration, a line each.
import type { Problem } from "./expectation.ts";

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

  in(file: string): ConfigError {
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
