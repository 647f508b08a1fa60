// The grammar of the command line: its commands, what each takes, and what is said of them. What a command does is
// loaded when it is called, so that help and completion are there at once.
import { Argument, Command, Option } from "@commander-js/extra-typings";
import { defaultStackName, ownSecretNames } from "../../infra/settings.ts";
import packageJson from "../../package.json" with { type: "json" };
import type { ExitCode } from "./cli-error.ts";
import { shells } from "./completion/shells.ts";
import { defaultConfig, defaultUrl } from "./defaults.ts";
import { kinds } from "./import/recognise-kind.ts";

const url = new Option("--url <url>", `where Tagrelay is: TAGRELAY_URL, or ${defaultUrl}`);
const token = new Option(
  "--token <token>",
  "the API's token; rather in TAGRELAY_API_TOKEN, where nobody sees it",
);
const json = new Option("--json", "print JSON");
const config = new Option("--config <file>", "the pipelines").default(defaultConfig);
const stack = new Option("--stack <name>", "the stack on AWS").default(defaultStackName);
const watch = new Option("--watch", "watch the run until it is over");
const runOrPipeline = "a run's id, or a pipeline's name for its last run";

const afterHelp = `
Tagrelay is the one at --url or TAGRELAY_URL, else the local program. The token
is TAGRELAY_API_TOKEN, from the environment or from .env; the one that the local
program has made up is found in .tagrelay/.

Exit codes:
  0    done; the run that was watched has succeeded
  1    the run has failed or was cancelled, the configuration is not valid, the
       deployment is not well
  2    wrong usage: a command, an option, a file
  3    Tagrelay, or AWS, cannot be reached, or does not answer as it should
  4    refused: the token is wrong, there is no such pipeline or run, or it
       cannot be done now (a run is active)
  70   a mistake in tagrelay itself
  130  Ctrl-C`;

export function createProgram(end: (exitCode: ExitCode) => void) {
  const program = new Command("tagrelay")
    .description("Builds Docker images that are built from one another, in order.")
    .version(packageJson.version, "-V, --version", "which version this is")
    .usage("COMMAND [options]")
    .helpOption("-h, --help", "what there is")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(worded(text)) })
    .configureHelp({
      // Without the options, there is room for what is said of a command, also in 80 columns.
      subcommandTerm: (command) =>
        `${command.name()} ${command.usage().replace(/\[options\] ?/, "")}`.trimEnd(),
    })
    .addHelpText("after", afterHelp);
  addOwnCommands(program, end);
  addRunCommands(program, end);
  addDeploymentCommands(program, end);
  addShellCommands(program, end);
  for (const command of [...program.commands, ...program.commands.flatMap((parent) => parent.commands)]) {
    command.addHelpText("after", "\nExit codes and environment: tagrelay --help");
    command.showHelpAfterError(`\`${pathOf(command)} --help\` tells more`);
  }
  program.showHelpAfterError("`tagrelay --help` tells which there are");
  return program;
}

type Program = Command;
type End = (exitCode: ExitCode) => void;

/** What needs nobody to answer. */
function addOwnCommands(program: Program, end: End): void {
  program
    .commandsGroup("On this machine:")
    .command("start")
    .description("the local program, with the options of `npm start`; --help tells them")
    .argument("[options...]")
    .usage("[options]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args) => {
      const { endWithWords, runLocalProgram } = await import("../local/main.ts");
      await runLocalProgram(args, "tagrelay start").catch(endWithWords);
    });
  program
    .command("validate")
    .description("whether a configuration is valid, and all that is wrong with it")
    .argument("[file]", "the configuration", defaultConfig)
    .addOption(json)
    .action(async (file, options) => end((await import("./commands/validate.ts")).validate(file, options)));
  program
    .command("graph")
    .description("the steps of a configuration's pipelines, in the order in which they are built")
    .argument("[pipeline]", "only this one")
    .addOption(config)
    .option("--mermaid", "as a flowchart of Mermaid, which GitHub draws")
    .addOption(json)
    .action(async (pipeline, options) => end((await import("./commands/graph.ts")).graph(pipeline, options)));
  program
    .command("import")
    .description("writes a tagrelay.yaml, made of what there is, to standard output")
    .argument("<path>", "what there is; - is standard input")
    .option("--namespace <name>", "the namespace on Docker Hub of images whose names do not tell it")
    .option("--tag <tag>", "the tag of images whose names do not tell it; latest unless told")
    .addOption(new Option("--from <kind>", "what PATH is, where it cannot be recognised").choices(kinds))
    .addHelpText("after", importHelp)
    .action(async (path, options) => end((await import("./import.ts")).importConfig(path, options)));
}

const importHelp = `
PATH is a folder with Dockerfiles, or one of config.py (of
dockerhub-trigger-propagate), a crontab with dh-trigger or curl, IMAGES.json (of
corpusops), docker-bake.json, a compose file. Notes on what could not be carried
over go to standard error. No token and no trigger URL is in either.`;

function addRunCommands(program: Program, end: End): void {
  program
    .commandsGroup("Pipelines and runs:")
    .command("list")
    .description("the pipelines, how their last runs went, and when they start next")
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (options) => end(await (await import("./commands/list.ts")).list(options)));
  program
    .command("show")
    .description("a pipeline with its steps and last runs, or a run with what happened in it")
    .argument("<pipeline|run>", "a pipeline's name, or a run's id")
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (name, options) => end(await (await import("./commands/show.ts")).show(name, options)));
  program
    .command("run")
    .description("starts a run")
    .argument("<pipeline>", "the pipeline's name")
    .option("--from <step>", "start at this step; the whole pipeline unless told")
    .addOption(watch)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (name, options) =>
      end(await (await import("./commands/change-run.ts")).startRun(name, options)),
    );
  program
    .command("watch")
    .description("the progress of a run until it is over; its outcome is the exit code")
    .argument("[run|pipeline]", `${runOrPipeline}; all that are active unless told`)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (target, options) =>
      end(await (await import("./commands/watch.ts")).watch(target, options)),
    );
  program
    .command("retry")
    .description("goes on with a run that failed or was cancelled: what is done stays done")
    .argument("<run|pipeline>", runOrPipeline)
    .addOption(watch)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (target, options) =>
      end(await (await import("./commands/change-run.ts")).retryRun(target, options)),
    );
  program
    .command("cancel")
    .description("ends a run; builds under way are left to themselves, commands are stopped")
    .argument("<run|pipeline>", runOrPipeline)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (target, options) =>
      end(await (await import("./commands/change-run.ts")).cancelRun(target, options)),
    );
  program
    .command("output")
    .description("what a step's command has said, last")
    .argument("<run|pipeline>", runOrPipeline)
    .argument("<step>", "the step's name")
    .addOption(url)
    .addOption(token)
    .action(async (target, step, options) =>
      end(await (await import("./commands/output.ts")).output(target, step, options)),
    );
  program
    .command("replay")
    .description("sends a webhook of Docker Hub that was saved, with TAGRELAY_WEBHOOK_SECRET")
    .argument("<file>", "the webhook's JSON; - is standard input")
    .addOption(url)
    .addOption(json)
    .action(async (file, options) => end(await (await import("./commands/replay.ts")).replay(file, options)));
}

function addDeploymentCommands(program: Program, end: End): void {
  const secret = program
    .commandsGroup("On AWS:")
    .command("secret")
    .description("the secrets of a deployment")
    .usage("COMMAND")
    .helpCommand(false);
  secret
    .command("set")
    .description("writes a secret into a stack's parameters; the value is asked for, or read from a pipe")
    .argument("<name>", `${Object.values(ownSecretNames).join(", ")}, or one that tagrelay.yaml names`)
    .addOption(stack)
    .action(async (name, options) => end(await (await import("./secret.ts")).setSecret(name, options)));
  program
    .command("doctor")
    .description("looks at a deployment from outside: its secrets, schedules, webhook and API")
    .addOption(stack)
    .addOption(config)
    .addOption(json)
    .action(async (options) => end(await (await import("./doctor.ts")).doctor(options)));
}

function addShellCommands(program: Program, end: End): void {
  program
    .commandsGroup("In a shell:")
    .command("completion")
    .description("what makes a shell complete commands, options, pipelines and steps")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .addHelpText("after", completionHelp)
    .action(async (shell) => end((await import("./completion/scripts.ts")).printScript(shell)));
  program
    .command("complete", { hidden: true })
    .argument("<line>")
    .action(async (line) =>
      end(await (await import("./completion/complete.ts")).printCandidates(program, line)),
    );
  program.helpCommand("help [command]", "what a command takes");
}

const completionHelp = `
  bash   source <(tagrelay completion bash)      in ~/.bashrc
  zsh    source <(tagrelay completion zsh)       in ~/.zshrc, after compinit
  fish   tagrelay completion fish | source       in ~/.config/fish/config.fish`;

/** What was given may be a secret in the wrong place. */
function worded(text: string): string {
  return text
    .replace(/^error: /, "tagrelay: ")
    .replace(/'(--?[\w-]+)=[^']*'/g, "'$1=…'")
    .replace(/(but got \d+): .*/g, "$1.");
}

type AnyCommand = { name: () => string; parent: AnyCommand | null };

function pathOf(command: AnyCommand): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
