// Refuses triggers that run commands: they need a machine, and there is none on AWS.
import { localLimitOfTrigger } from "../shared/builders/builders.ts";
import { ConfigError } from "../shared/config/config-error.ts";
import type { Pipeline } from "../shared/pipeline/pipeline.ts";

export function refuseCommands(pipelines: readonly Pipeline[]): void {
  const problems = pipelines.flatMap(({ name, steps }) =>
    steps
      .filter(({ trigger }) => localLimitOfTrigger(trigger) !== null)
      .map((step) => ({
        path: ["pipelines", name, "steps", step.name, "trigger"],
        message:
          "expected a trigger that works on AWS (such as github or http), found a command; run this pipeline on a machine with `npx tagrelay start --live`",
      })),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}
