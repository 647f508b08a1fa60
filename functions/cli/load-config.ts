// The configuration that a command is about; a file that is not there is a mistake of the command line, not of the file.
import { existsSync } from "node:fs";
import { readConfig } from "../../shared/config/read-config.ts";
import { didYouMean } from "../../shared/core/did-you-mean.ts";
import type { Config, Pipeline } from "../../shared/core/pipeline.ts";
import { CliError, exitCodes } from "./cli-error.ts";

export function loadConfig(file: string): Config {
  if (existsSync(file)) return readConfig(file);
  throw new CliError(
    exitCodes.wrongUsage,
    `expected a configuration in ${JSON.stringify(file)}, found no such file`,
  );
}

export function findPipeline(pipelines: readonly Pipeline[], name: string): Pipeline {
  const found = pipelines.find((pipeline) => pipeline.name === name);
  if (found !== undefined) return found;
  const names = pipelines.map((pipeline) => pipeline.name);
  const hint = didYouMean(name, names) || `; there are ${names.join(", ")}`;
  throw new CliError(
    exitCodes.wrongUsage,
    `expected the name of a pipeline, found ${JSON.stringify(name)}${hint}`,
  );
}
