// Refuses triggers and builds that run commands: they need a machine, and there is none on AWS.
import { localLimitOfTrigger } from "../shared/builders/builders.ts";
import { ConfigError } from "../shared/config/config-error.ts";
import type { BuildsSettings, Pipeline } from "../shared/pipeline/pipeline.ts";

export function refuseCommands(pipelines: readonly Pipeline[], builds: BuildsSettings | null): void {
  const problems = pipelines.flatMap(({ name, steps }) =>
    steps
      .filter(({ trigger }) => localLimitOfTrigger(trigger) !== null)
      .map((step) => ({
        path: ["pipelines", name, "steps", step.name, "trigger"],
        message:
          "expected a trigger that works on AWS (such as github or http), found a command; run this pipeline on a machine with `npx tagrelay start --live`",
      })),
  );
  const ofBuilds =
    builds === null
      ? []
      : [
          {
            path: ["builds"],
            message:
              "expected no builds by a command, which need a machine to run on, found some; leave them out on AWS, or run `npx tagrelay start --live` on a machine",
          },
        ];
  if (problems.length + ofBuilds.length > 0) throw new ConfigError([...problems, ...ofBuilds]);
}
