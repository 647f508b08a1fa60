// Reads tagrelay.yaml from disk.
import { readFileSync } from "node:fs";
import { isMap, parseDocument } from "yaml";
import { compileConfig } from "../core/compile.ts";
import { ConfigError } from "../core/config-error.ts";
import type { Config } from "../core/pipeline.ts";

/** Throws a ConfigError that names the file and all that is wrong with it. */
export function readConfig(path: string): Config {
  try {
    return compileConfig(parseYaml(readText(path)));
  } catch (error) {
    if (error instanceof ConfigError) throw error.in(path);
    throw error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    const found = code === "ENOENT" ? "no such file" : `one that cannot be read (${code})`;
    throw new ConfigError([{ path: [], message: `expected a configuration, found ${found}` }]);
  }
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { merge: true, prettyErrors: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(({ message }) => ({
        path: [],
        message: message.split("\n")[0]?.replace(/:$/, "") ?? "",
      })),
    );
  }
  if (!isMap(document.contents)) {
    throw new ConfigError([
      {
        path: [],
        message: 'expected a map with the key "pipelines", found none',
      },
    ]);
  }
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError([
      {
        path: [],
        message: error instanceof Error ? error.message : "unknown error",
      },
    ]);
  }
}
