// The commands for completion in a shell.
import { Argument, type Command } from "@commander-js/extra-typings";
import { shells } from "../completion/shells.ts";
import type { Io } from "../io.ts";
import type { End } from "./options.ts";

export function addCompletionCommands(program: Command, io: Io, end: End): void {
  program
    .commandsGroup("In a shell:")
    .command("completion")
    .description("print a script that completes commands, options, pipelines and steps")
    .addArgument(new Argument("<shell>", "name of the shell").choices(shells))
    .addHelpText("after", completionHelp)
    .action(async (shell) => end((await import("../completion/scripts.ts")).printScript(io, shell)));
  program
    .command("complete", { hidden: true })
    .argument("<line>")
    .action(async (line) =>
      end(await (await import("../completion/complete.ts")).printCandidates(io, program, line)),
    );
}

const completionHelp = `
  bash   source <(tagrelay completion bash)      in ~/.bashrc
  zsh    source <(tagrelay completion zsh)       in ~/.zshrc, after compinit
  fish   tagrelay completion fish | source       in ~/.config/fish/config.fish`;
