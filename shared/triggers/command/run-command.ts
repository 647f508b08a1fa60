// Starts a build by a command of the machine that the program runs on.
import { fillInAll, placeholdersIn, type Values, valuesOf } from "../placeholders.ts";
import { type Command, missingSecret, type TriggerKind } from "../trigger.ts";
import { fillInArgument, fillInLine } from "./command-line.ts";
import type { CommandSettings } from "./settings.ts";

export const command: TriggerKind<CommandSettings> = {
  start: async (settings, build, { commands, readSecret }) => {
    if (commands === null) {
      return {
        kind: "rejected",
        reason: "expected the local program, on a machine that commands can be run on; found none here",
      };
    }
    const values = valuesOf(build);
    const secrets = new Map<string, string>();
    for (const name of secretsIn(settings)) {
      const secret = await readSecret(name);
      if (secret === null) return missingSecret(name);
      secrets.set(`secret:${name}`, secret.trim());
    }
    const run = fillInRun(settings.run, values);
    if (run === null) {
      return {
        kind: "rejected",
        reason:
          'expected values that need no quotes in a line such as this, found one that does; put it into "environment" and write "$NAME"',
      };
    }
    const ready: Command = {
      run,
      directory: settings.directory === null ? null : fillInArgument(settings.directory, values),
      environment: fillInAll(settings.environment, new Map([...values, ...secrets])),
      secrets: [...secrets.values()],
    };
    return commands.run(ready, build);
  },
  secretsOf: secretsIn,
  originsOf: () => [],
};

function secretsIn({ environment }: CommandSettings): string[] {
  const names = Object.values(environment).flatMap(placeholdersIn);
  return [
    ...new Set(
      names.filter((name) => name.startsWith("secret:")).map((name) => name.slice("secret:".length)),
    ),
  ];
}

function fillInRun(run: CommandSettings["run"], values: Values): Command["run"] | null {
  return typeof run === "string" ? fillInLine(run, values) : run.map((text) => fillInArgument(text, values));
}
