// Connects the builds of the API to the local program's folder, secrets and log.
import { join } from "node:path";
import type { Config } from "../../../shared/pipeline/pipeline.ts";
import type { LocalOptions } from "../../start-options.ts";
import type { BuilderPool } from "../commands/builder-pool.ts";
import { simulateCommand } from "../commands/simulate-command.ts";
import { withoutSecrets } from "../secrets.ts";
import { type Builds, type BuildsOptions, createBuilds } from "./builds.ts";

export function createLocalBuilds(
  options: LocalOptions,
  config: Config,
  ports: Pick<BuildsOptions, "readSecret" | "log" | "clock"> & { pool: BuilderPool },
): Builds | null {
  if (config.builds === null) return null;
  return createBuilds({
    settings: config.builds,
    data: join(options.data, options.live ? "live" : "simulated", "builds"),
    environment: withoutSecrets(process.env, config),
    ...(options.live ? {} : { simulate: simulateCommand }),
    ...ports,
  });
}
