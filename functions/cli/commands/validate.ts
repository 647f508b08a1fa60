// `tagrelay validate`: checks a configuration and lists all its problems.
import { ConfigError } from "../../../shared/config/config-error.ts";
import { exitCodes } from "../cli-error.ts";
import { type Io, print, printJson } from "../io.ts";
import { loadConfig } from "../load-config.ts";

export function validate(io: Io, file: string, { json = false }: { json?: boolean | undefined }) {
  try {
    const { pipelines } = loadConfig(io, file);
    const steps = pipelines.reduce((sum, pipeline) => sum + pipeline.steps.length, 0);
    if (json) printJson(io, { isValid: true, pipelines: pipelines.map(({ name }) => name), problems: [] });
    else print(io, `${file} is valid: ${count(pipelines.length, "pipeline")}, ${count(steps, "step")}`);
    return exitCodes.success;
  } catch (error) {
    if (!json || !(error instanceof ConfigError)) throw error;
    printJson(io, { isValid: false, pipelines: [], problems: error.problems });
    return exitCodes.failure;
  }
}

const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? "" : "s"}`;
