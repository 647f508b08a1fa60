// `tagrelay validate`: whether a configuration is valid, and all that is wrong with it.
import { ConfigError } from "../../../shared/core/config-error.ts";
import { exitCodes } from "../cli-error.ts";
import { loadConfig } from "../load-config.ts";
import { say, sayJson } from "../text.ts";

export function validate(file: string, { json = false }: { json?: boolean | undefined }) {
  try {
    const { pipelines } = loadConfig(file);
    const steps = pipelines.reduce((sum, pipeline) => sum + pipeline.steps.length, 0);
    if (json) sayJson({ isValid: true, pipelines: pipelines.map(({ name }) => name), problems: [] });
    else say(`${file} is valid: ${count(pipelines.length, "pipeline")}, ${count(steps, "step")}`);
    return exitCodes.done;
  } catch (error) {
    if (!json || !(error instanceof ConfigError)) throw error;
    sayJson({ isValid: false, pipelines: [], problems: error.problems });
    return exitCodes.notWell;
  }
}

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? "" : "s"}`;
