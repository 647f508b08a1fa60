// The files beside a function's code that depend on the configuration.
import { manifestFile } from "../../functions/deploy-schedules/manifest.ts";
import { packConfig } from "../../functions/packed-config/pack-config.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { manifestOf } from "../manifest-of.ts";

/** The texts of the files, by name. */
export function filesOf(name: string, config: Config): Record<string, string> {
  return name === "deploy-schedules"
    ? { [manifestFile]: JSON.stringify(manifestOf(config)) }
    : packConfig(config);
}
