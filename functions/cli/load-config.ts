// Reads the configuration that a command is given. A missing file is a usage error, not an invalid configuration.
import { existsSync } from "node:fs";
import { readConfig } from "../../shared/config/read-config.ts";
import type { Config, Pipeline } from "../../shared/pipeline/pipeline.ts";
import { didYouMean } from "../../shared/validation/did-you-mean.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import type { Io } from "./io.ts";

export function loadConfig(io: Io, file: string): Config {
  const path = io.resolvePath(file);
  if (existsSync(path)) return readConfig(path);
  throw new CliError(
    exitCodes.usageError,
    `expected a configuration in ${JSON.stringify(file)}, found no such file`,
  );
}

export function findPipeline(pipelines: readonly Pipeline[], name: string): Pipeline {
  const found = pipelines.find((pipeline) => pipeline.name === name);
  if (found !== undefined) return found;
  const names = pipelines.map((pipeline) => pipeline.name);
  const hint = didYouMean(name, names) || `; the pipelines are ${names.join(", ")}`;
  throw new CliError(
    exitCodes.usageError,
    `expected the name of a pipeline, found ${JSON.stringify(name)}${hint}`,
  );
}
