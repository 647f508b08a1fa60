// Starts a build by running a command on the machine of the local program.
import type { BuilderHost, BuilderKind, Command, TriggerFailure } from "../../kinds/builder.ts";
import type { ReadSecret } from "../../kinds/read-secret.ts";
import { fillInAll, secretsIn, type Values, valuesOf } from "../placeholders.ts";
import { readSecretValues } from "../read-secret-values.ts";
import { fillInArgument, fillInLine } from "./command-line.ts";
import type { CommandSettings } from "./settings.ts";

export const command: BuilderKind<CommandSettings> = {
  start: async (settings, build, { commands, readSecret }) => {
    if (commands === null) {
      return {
        kind: "rejected",
        reason: "expected the local program, found AWS; commands need a machine to run on",
      };
    }
    const ready = await prepareCommand(settings, valuesOf(build), readSecret);
    return "kind" in ready ? ready : commands.run(ready, build);
  },
  secretsOf: secretsOfCommand,
  originsOf: () => [],
  projectOf: () => null,
  identityOf: () => null,
  simulate: () => null,
  endedBy: "builder",
  localLimitOf: ({ concurrency }) => concurrency,
};

/** The command with these values in place of its placeholders, or why it cannot be run. */
export async function prepareCommand(
  settings: CommandSettings,
  values: Values,
  readSecret: ReadSecret,
): Promise<Command | TriggerFailure> {
  const secrets = await readSecretValues(secretsOfCommand(settings), readSecret);
  if (secrets.kind !== "read") return secrets;
  const [builder = null] = settings.builders;
  const ready = fillInCommand(settings, builder, values, secrets.values);
  if (builder === null || "kind" in ready) return ready;
  const commandOn = (other: BuilderHost) => fillInCommand(settings, other, values, secrets.values);
  return { ...ready, hosts: { builders: settings.builders, commandOn } };
}

function fillInCommand(
  settings: CommandSettings,
  builder: BuilderHost | null,
  others: Values,
  secrets: Values,
): Command | TriggerFailure {
  const values = builder === null ? others : new Map([...others, ["builder", builder.url]]);
  const run = fillInRun(settings.run, values);
  if (run === null) {
    return {
      kind: "rejected",
      reason:
        'expected values without special characters in a command this complex, found one that needs quotes; put it into "environment" and write "$NAME"',
    };
  }
  return {
    run,
    directory: settings.directory === null ? null : fillInArgument(settings.directory, values),
    environment: {
      ...(builder === null ? {} : { [variables[builder.kind]]: builder.url }),
      ...fillInAll(settings.environment, new Map([...values, ...secrets])),
    },
    secrets: [...secrets.values()],
  };
}

/** What the clients of these hosts read. */
const variables = { docker: "DOCKER_HOST", buildkit: "BUILDKIT_HOST" };

export function secretsOfCommand({ environment }: CommandSettings): string[] {
  return secretsIn(Object.values(environment));
}

function fillInRun(run: CommandSettings["run"], values: Values): Command["run"] | null {
  return typeof run === "string" ? fillInLine(run, values) : run.map((text) => fillInArgument(text, values));
}
