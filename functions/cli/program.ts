// The grammar of the command line. A command's code is loaded when it runs, which keeps help and completion fast.
import { Command } from "@commander-js/extra-typings";
import packageJson from "../../package.json" with { type: "json" };
import { addBackupCommands } from "./grammar/backup-commands.ts";
import { addCompletionCommands } from "./grammar/completion-commands.ts";
import { addDeploymentCommands } from "./grammar/deployment-commands.ts";
import { addLocalCommands } from "./grammar/local-commands.ts";
import type { End } from "./grammar/options.ts";
import { addRunCommands } from "./grammar/run-commands.ts";
import type { Io } from "./io.ts";

const afterHelp = `
Commands talk to the Tagrelay at --url or TAGRELAY_URL; by default, to the local
program. The API token is read from TAGRELAY_API_TOKEN, in the environment
or in .env, or from the file that TAGRELAY_API_TOKEN_FILE names. The local
program keeps a generated token in its data folder, where commands find it:
in TAGRELAY_DATA, by default .tagrelay/.

Exit codes:
  0    success; a watched run succeeded
  1    the run failed or was cancelled, the configuration is invalid, or the
       deployment has problems
  2    wrong usage: an unknown command or option, a missing file
  3    Tagrelay or AWS cannot be reached, or gives an unexpected answer
  4    refused: the token is wrong, the pipeline or run does not exist, or the
       request is not possible now (a run is active)
  70   internal error in tagrelay
  130  interrupted by Ctrl-C`;

export function createProgram(io: Io, end: End) {
  const program = new Command("tagrelay")
    .description(
      "Builds Docker images that depend on one another, in order. To try it, run\n`tagrelay start` in an empty folder.",
    )
    .version(packageJson.version, "-V, --version", "print the version")
    .usage("COMMAND [options]")
    .helpOption("-h, --help", "show help")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(redactError(text)),
    })
    .configureHelp({
      // Without the options, descriptions fit into 80 columns.
      subcommandTerm: (command) =>
        `${command.name()} ${command.usage().replace(/\[options\] ?/, "")}`.trimEnd(),
    })
    .addHelpText("after", afterHelp);
  addLocalCommands(program, io, end);
  addRunCommands(program, io, end);
  addBackupCommands(program, io, end);
  addDeploymentCommands(program, io, end);
  addCompletionCommands(program, io, end);
  program.helpCommand("help [command]", "show the help of a command");
  for (const command of [...program.commands, ...program.commands.flatMap((parent) => parent.commands)]) {
    command.addHelpText("after", "\nExit codes and environment: tagrelay --help");
    command.showHelpAfterError(`Run \`${pathOf(command)} --help\` for its arguments and options.`);
  }
  program.showHelpAfterError("Run `tagrelay --help` for the list of commands.");
  return program;
}

/** A value on the command line may be a secret in the wrong place, so errors must not repeat it. */
function redactError(text: string): string {
  return text
    .replace(/^error: /, "tagrelay: ")
    .replace(/'(--?[\w-]+)=[^']*'/g, "'$1=…'")
    .replace(/(but got \d+): .*/g, "$1.");
}

type AnyCommand = { name: () => string; parent: AnyCommand | null };

function pathOf(command: AnyCommand): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
