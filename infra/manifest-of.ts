// Writes the manifest of the schedules that a function creates.
import { createHash } from "node:crypto";
import type { Manifest } from "../functions/deploy-schedules/manifest.ts";
import type { Config } from "../shared/pipeline/pipeline.ts";
import { listSchedules } from "./list-schedules.ts";

export function manifestOf({ pipelines }: Pick<Config, "pipelines">): Manifest {
  const schedules = listSchedules(pipelines).map(({ id: _ofConstruct, ...schedule }) => schedule);
  const digest = createHash("sha256").update(JSON.stringify(schedules)).digest("hex").slice(0, 16);
  return { digest, schedules };
}
