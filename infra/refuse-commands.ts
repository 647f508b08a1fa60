// A command runs on the machine of the local program: on AWS there is none.
import { ConfigError } from "../shared/core/config-error.ts";
import type { Pipeline } from "../shared/core/pipeline.ts";

export function refuseCommands(pipelines: readonly Pipeline[]): void {
  const problems = pipelines.flatMap(({ name, steps }) =>
    steps
      .filter(({ trigger }) => "command" in trigger)
      .map((step) => ({
        path: ["pipelines", name, "steps", step.name, "trigger"],
        message:
          "expected a trigger that needs no machine, such as github, gitlab, http or dockerhub, found a command: those run where the local program does, `npm start -- --live`",
      })),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}
