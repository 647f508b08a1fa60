// Completes a command line from the grammar of the commands and the names in the configuration. Sends no requests, as
// completion must be immediate.
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { pipelineOfRunId } from "../../../shared/run/run-id.ts";
import { flags as startFlags } from "../../start-options.ts";
import { exitCodes } from "../cli-error.ts";
import { defaultConfig } from "../defaults.ts";
import { type Io, print } from "../io.ts";

type Candidate = { word: string; description: string };
type Line = {
  command: CommandUnknownOpts;
  /** The arguments so far. */
  given: string[];
  config: string;
  /** The option whose value comes next. */
  openOption: Option | null;
};

/** Prints a line for each candidate: the word, a tab, and its description. */
export async function printCandidates(io: Io, program: CommandUnknownOpts, text: string) {
  const [, ...words] = text.trimStart().split(/\s+/);
  const last = words.pop() ?? "";
  const candidates = await findCandidates(io, parseLine(program, words), last);
  const matching = candidates.filter(({ word }) => word.startsWith(last));
  print(io, ...matching.map(({ word, description }) => `${word}\t${description}`));
  return exitCodes.success;
}

function parseLine(program: CommandUnknownOpts, words: readonly string[]): Line {
  const line: Line = { command: program, given: [], config: defaultConfig, openOption: null };
  for (const word of words) {
    if (line.openOption !== null) {
      if (line.openOption.long === "--config") line.config = word;
      line.openOption = null;
    } else if (word.startsWith("-")) {
      const option = line.command.options.find(({ long, short }) => word === long || word === short);
      line.openOption = option !== undefined && (option.required || option.optional) ? option : null;
    } else {
      const next = line.command.commands.find((command) => command.name() === word);
      if (next === undefined) line.given.push(word);
      else line.command = next;
    }
  }
  return line;
}

async function findCandidates(
  io: Io,
  { command, given, config, openOption }: Line,
  last: string,
): Promise<Candidate[]> {
  if (openOption !== null) {
    if (openOption.argChoices !== undefined) return choices(openOption.argChoices);
    return openOption.long === "--from" ? stepsOf(io, config, given[0]) : [];
  }
  if (last.startsWith("-")) return optionsOf(command);
  if (command.commands.length > 0) return commandsOf(command);
  const argument = command.registeredArguments[given.length];
  if (argument?.argChoices !== undefined) return choices(argument.argChoices);
  const name = argument?.name() ?? "";
  if (name === "step") return stepsOf(io, config, given[0]);
  if (!name.split("|").includes("pipeline")) return [];
  const pipelines = await readPipelines(io, config);
  return pipelines.map((pipeline) => ({ word: pipeline.name, description: "pipeline" }));
}

function choices(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, description: "" }));
}

function commandsOf(command: CommandUnknownOpts): Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((child) => ({ word: child.name(), description: child.description() }));
}

function optionsOf(command: CommandUnknownOpts): Candidate[] {
  if (command.name() === "start") return choices(Object.keys(startFlags).map((name) => `--${name}`));
  const visible = command.createHelp().visibleOptions(command);
  return visible.map(({ long, description }) => ({ word: long ?? "", description }));
}

/** `target` is the name of a pipeline or the id of a run. */
async function stepsOf(io: Io, config: string, target = ""): Promise<Candidate[]> {
  const name = pipelineOfRunId(target) ?? target;
  const pipeline = (await readPipelines(io, config)).find((candidate) => candidate.name === name);
  return pipeline?.steps.map((step) => ({ word: step.name, description: "step" })) ?? [];
}

/** None if the configuration is missing or invalid: an error would disturb the command line. */
async function readPipelines(io: Io, config: string): Promise<readonly Pipeline[]> {
  try {
    const { loadConfig } = await import("../load-config.ts");
    return loadConfig(io, config).pipelines;
  } catch {
    return [];
  }
}
