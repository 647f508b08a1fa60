// Reads tagrelay.yaml from disk.
import { readFileSync } from "node:fs";
import type { Config } from "../pipeline/pipeline.ts";
import { compileConfig } from "./compile.ts";
import { ConfigError } from "./config-error.ts";
import { parseYaml } from "./parse-yaml.ts";

/** Throws a ConfigError that names the file and everything that is wrong with it. */
export function readConfig(path: string): Config {
  const { value, problems, lineOf } = parseYaml(readText(path));
  if (value === undefined) throw new ConfigError(problems).inFile(path, lineOf);
  try {
    const config = compileConfig(value);
    if (problems.length === 0) return config;
  } catch (error) {
    if (error instanceof ConfigError) throw error.with(problems).inFile(path, lineOf);
    throw error;
  }
  throw new ConfigError(problems).inFile(path, lineOf);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    const found = code === "ENOENT" ? "no such file" : `one that cannot be read (${code})`;
    throw new ConfigError([{ path: [], message: `expected a configuration, found ${found}` }], path);
  }
}
