// Reads tagrelay.yaml from disk.
import { readFileSync } from "node:fs";
import { isMap, parseDocument } from "yaml";
import { messageOf } from "../log.ts";
import type { Config } from "../pipeline/pipeline.ts";
import { compileConfig } from "./compile.ts";
import { ConfigError } from "./config-error.ts";

/** Throws a ConfigError that names the file and everything that is wrong with it. */
export function readConfig(path: string): Config {
  try {
    return compileConfig(parseYaml(readText(path)));
  } catch (error) {
    if (error instanceof ConfigError) throw error.inFile(path);
    throw error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    const found = code === "ENOENT" ? "no such file" : `one that cannot be read (${code})`;
    throw documentError([`expected a configuration, found ${found}`]);
  }
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { merge: true, prettyErrors: true });
  if (document.errors.length > 0) {
    // The first line of a pretty error has the position; the rest is an excerpt.
    throw documentError(
      document.errors.map(({ message }) => message.split("\n")[0]?.replace(/:$/, "") ?? ""),
    );
  }
  if (!isMap(document.contents)) {
    throw documentError(['expected a map with the key "pipelines", found none']);
  }
  try {
    return document.toJS();
  } catch (error) {
    throw documentError([messageOf(error)]);
  }
}

function documentError(messages: readonly string[]): ConfigError {
  return new ConfigError(messages.map((message) => ({ path: [], message })));
}
