// Writes the command that builds a step on the machine that runs Tagrelay.
import { posix } from "node:path";
import type { ImportedStep } from "../imported.ts";
import type { BakeRecipe } from "../recipe.ts";
import type { BuildSettings } from "./build-settings.ts";

type Trigger = NonNullable<ImportedStep["trigger"]>;

/** The bases of the run, one in each line, become flags; there are none without bases. */
const pins = `$(printf '%s' "$PINS" | sed 's/^/--build-context /')`;

/** `directory` is the folder that was imported. */
export function commandTrigger(settings: BuildSettings, hasBases: boolean, directory: string): Trigger {
  const { context, file, target, args, platforms, contexts } = settings;
  const flags = [
    "--pull --push --tag {image}",
    `--file ${quoteWord(file)}`,
    ...(target === null ? [] : [`--target ${quoteWord(target)}`]),
    ...args.map((arg) => `--build-arg ${quoteWord(arg)}`),
    ...(platforms.length === 0 ? [] : [`--platform ${quoteWord(platforms.join(","))}`]),
    ...contexts.map((pair) => `--build-context ${quoteWord(pair)}`),
    ...(hasBases ? [pins] : []),
    quoteWord(context),
  ];
  const command = { run: `docker buildx build ${flags.join(" ")}`, ...inFolder(directory) };
  return { command: hasBases ? { ...command, environment: { PINS: "{pins}" } } : command };
}

/** Bake also builds what is part of the image, but pushed nowhere. `contexts` are bases that are steps. */
export function bakeTrigger(
  bake: BakeRecipe,
  contexts: ReadonlyMap<string, string>,
  directory: string,
): Trigger {
  const set = (key: string, value: string) => `--set ${quoteWord(`${bake.target}.${key}`)}=${value}`;
  const flags = [
    ...bake.files.map((file) => `--file ${quoteWord(file)}`),
    "--pull --push",
    set("tags", "{image}"),
    ...[...contexts].map(([name, image]) => set(`contexts.${name}`, quoteWord(`docker-image://${image}`))),
    quoteWord(bake.target),
  ];
  return {
    command: {
      run: `docker buildx bake ${flags.join(" ")}`,
      ...inFolder(posix.join(directory, bake.folder)),
    },
  };
}

/** The command of another builder, as it is. */
export function ownCommandTrigger(command: string, directory: string): Trigger {
  return { command: { run: command, ...inFolder(directory) } };
}

function inFolder(directory: string): { directory?: string } {
  return directory === "." ? {} : { directory };
}

/** Quotes a word for `sh`, unless it needs none. */
export function quoteWord(text: string): string {
  return /^[\w./:=@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
