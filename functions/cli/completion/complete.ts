// What may come next on a line that begins with `tagrelay`: read from the grammar of the command line, and pipelines and
// steps from the configuration. Nobody is asked over the network: completion has to be there at once.
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Pipeline } from "../../../shared/core/pipeline.ts";
import { pipelineOfRunId } from "../../../shared/core/run-id.ts";
import { flags as startFlags } from "../../local/options.ts";
import { exitCodes } from "../cli-error.ts";
import { defaultConfig } from "../defaults.ts";
import { say } from "../text.ts";

type Candidate = { word: string; about: string };
type Line = {
  command: CommandUnknownOpts;
  /** The arguments so far. */
  given: string[];
  config: string;
  /** The option whose value comes next. */
  open: Option | null;
};

/** A line each: the word, a tab, and what it is. */
export async function printCandidates(program: CommandUnknownOpts, text: string) {
  const [, ...words] = text.trimStart().split(/\s+/);
  const last = words.pop() ?? "";
  const candidates = await candidatesFor(readLine(program, words), last);
  const fitting = candidates.filter(({ word }) => word.startsWith(last));
  say(...fitting.map(({ word, about }) => `${word}\t${about}`));
  return exitCodes.done;
}

function readLine(program: CommandUnknownOpts, words: readonly string[]): Line {
  const line: Line = { command: program, given: [], config: defaultConfig, open: null };
  for (const word of words) {
    if (line.open !== null) {
      if (line.open.long === "--config") line.config = word;
      line.open = null;
    } else if (word.startsWith("-")) {
      const option = line.command.options.find(({ long, short }) => word === long || word === short);
      line.open = option !== undefined && (option.required || option.optional) ? option : null;
    } else {
      const next = line.command.commands.find((command) => command.name() === word);
      if (next === undefined) line.given.push(word);
      else line.command = next;
    }
  }
  return line;
}

async function candidatesFor({ command, given, config, open }: Line, last: string): Promise<Candidate[]> {
  if (open !== null) {
    if (open.argChoices !== undefined) return open.argChoices.map((word) => ({ word, about: "" }));
    return open.long === "--from" ? stepsOf(config, given[0]) : [];
  }
  if (last.startsWith("-")) return optionsOf(command);
  if (command.commands.length > 0) return commandsOf(command);
  const argument = command.registeredArguments[given.length];
  if (argument?.argChoices !== undefined) return argument.argChoices.map((word) => ({ word, about: "" }));
  const name = argument?.name() ?? "";
  if (name === "step") return stepsOf(config, given[0]);
  if (!name.split("|").includes("pipeline")) return [];
  return (await readPipelines(config)).map((pipeline) => ({ word: pipeline.name, about: "pipeline" }));
}

function commandsOf(command: CommandUnknownOpts): Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((one) => ({ word: one.name(), about: one.description() }));
}

function optionsOf(command: CommandUnknownOpts): Candidate[] {
  if (command.name() === "start")
    return Object.keys(startFlags).map((name) => ({ word: `--${name}`, about: "" }));
  const visible = command.createHelp().visibleOptions(command);
  return visible.map(({ long, description }) => ({ word: long ?? "", about: description }));
}

/** Of the pipeline that is named, or whose run is. */
async function stepsOf(config: string, target = ""): Promise<Candidate[]> {
  const name = pipelineOfRunId(target) ?? target;
  const pipeline = (await readPipelines(config)).find((one) => one.name === name);
  return pipeline?.steps.map((step) => ({ word: step.name, about: "step" })) ?? [];
}

async function readPipelines(config: string): Promise<readonly Pipeline[]> {
  try {
    const { loadConfig } = await import("../load-config.ts");
    return loadConfig(config).pipelines;
  } catch {
    // A configuration with a mistake in it is no reason to disturb who is typing.
    return [];
  }
}
