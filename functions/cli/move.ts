// `tagrelay move`: reads Docker Hub's build settings, and writes all that builds the images elsewhere.
import { readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { usualPlatform } from "../../shared/evidence/stands-on.ts";
import { splitImageName } from "../../shared/image/image.ts";
import type { ReadContent } from "../../shared/kinds/registry.ts";
import { CliError, type ExitCode, exitCodes } from "./cli-error.ts";
import { emptyTally, ImportError, note, quote } from "./import/imported.ts";
import { summarize } from "./import/summary.ts";
import { printNotes, yamlOf } from "./import.ts";
import { type Io, print } from "./io.ts";
import { readCheckouts } from "./move/checkouts.ts";
import { compareTrial } from "./move/compare-trials.ts";
import { fetchSettings } from "./move/fetch-settings.ts";
import { type HubBuild, imageOf, readBuilds } from "./move/hub-builds.ts";
import { createPorts, readHubLogin } from "./move/hub-login.ts";
import type { SavedSettings } from "./move/hub-source.ts";
import { type MoveInput, repositoriesOf } from "./move/move-files.ts";
import type { MoveKind } from "./move/move-kinds.ts";
import { type Plan, planMove } from "./move/plan-move.ts";
import { readSaved } from "./move/read-saved.ts";
import type { UnknownPlatforms } from "./move/remarks/remark.ts";
import { commitBranch, writeFiles } from "./move/write-files.ts";

export type MoveOptions = {
  account?: string[] | undefined;
  source?: string[] | undefined;
  trigger: MoveKind;
  out: string;
  branch?: string | undefined;
  dryRun?: true | undefined;
  trial: string;
  hubUrl?: string | undefined;
  registryUrl?: string | undefined;
};

export async function move(io: Io, files: readonly string[], options: MoveOptions): Promise<ExitCode> {
  const checkouts = readCheckouts(io, options.source ?? []);
  const login = await readHubLogin(io, options.account !== undefined);
  const settings = await readSettings(io, files, options, login);
  const found = readBuilds(settings.sources, checkouts);
  const registry = createPorts(options, login, []);
  const { platforms, unknown } = await lookUpPlatforms(registry.readContent, found.builds);
  const plan = planMove(found, platforms, options.trigger);
  for (const text of found.missingRefs)
    plan.imported.notes.push(note(`${text}: its files were taken as they are`));
  const input = { settings, found, plan, kind: options.trigger, platforms, unknownPlatforms: unknown };
  return options.dryRun === true
    ? compare(io, plan, options, createPorts(options, login, plan.imported.pipelines).readContent)
    : write(io, { ...input, trialSuffix: options.trial }, options);
}

type Login = Awaited<ReturnType<typeof readHubLogin>>;

async function readSettings(
  io: Io,
  files: readonly string[],
  options: MoveOptions,
  login: Login,
): Promise<SavedSettings> {
  const { account: accounts = [] } = options;
  if (files.length === 0 && accounts.length === 0) {
    throw new CliError(
      exitCodes.usageError,
      "expected files with saved build settings, or --account NAME to read them from Docker Hub, found neither",
    );
  }
  try {
    const saved = files.length === 0 ? null : readSaved(files.map((name) => readFile(io, name)));
    const fetched =
      login === null || accounts.length === 0
        ? null
        : await fetchSettings(createPorts(options, login, []), login, accounts);
    const all = [saved, fetched].flatMap((one) => one ?? []);
    const sources = all.flatMap((one) => one.sources);
    if (sources.some(({ rules }) => rules.length > 0))
      return { sources, triggers: all.flatMap((one) => one.triggers) };
    throw new ImportError("expected build rules of Docker Hub, found none: nothing is built there");
  } catch (error) {
    if (error instanceof ImportError)
      throw new CliError(exitCodes.usageError, error.message, { cause: error });
    throw error;
  }
}

/** Large, because a HAR has every response of the page. */
const maxBytes = 256 * 1024 * 1024;

function readFile(io: Io, name: string): { name: string; text: string } {
  const stats = statSync(io.resolvePath(name), { throwIfNoEntry: false });
  if (stats?.isFile() === true && stats.size <= maxBytes) {
    return { name, text: readFileSync(io.resolvePath(name), "utf8") };
  }
  const what =
    stats === undefined
      ? "no such file"
      : stats.isFile()
        ? "more than 256 MiB"
        : "something that is not a file";
  throw new ImportError(`expected saved build settings in ${quote(name)}, found ${what}`);
}

/**
 * The platforms of each tag as it is now, by its image. The tags of a pattern are not known, so it gets those of `latest`, by its
 * repository. If nothing can be read, linux/amd64 is assumed.
 */
async function lookUpPlatforms(read: ReadContent, builds: readonly HubBuild[]) {
  const platforms = new Map<string, string[]>();
  const unknown = new Map<string, UnknownPlatforms>();
  const look = async (key: string, image: string) => {
    const { repository, tag } = splitImageName(image);
    const answer = await read.readImage(repository, tag);
    const found = answer.kind === "found" ? answer.content.platforms : [];
    const names = found.map(({ platform }) => usualPlatform(platform ?? "linux/amd64"));
    platforms.set(key, names.length === 0 ? ["linux/amd64"] : [...new Set(names)]);
    const text = `\`${image}\` is built for linux/amd64 alone`;
    if (answer.kind === "missing")
      unknown.set(image, { text: `${text}: it is not at Docker Hub yet.`, isToDo: false, reason: "" });
    if (answer.kind === "unknown")
      unknown.set(image, {
        text: `${text}, as its platforms are not known: ${answer.reason}.`,
        isToDo: true,
        reason: answer.reason,
      });
  };
  await Promise.all(
    builds.map((build) => look(build.pattern === null ? imageOf(build) : build.source.image, imageOf(build))),
  );
  return { platforms, unknown };
}

function sumUp(unknownPlatforms: MoveInput["unknownPlatforms"]): string[] {
  const open = [...unknownPlatforms].filter(([, { isToDo }]) => isToDo);
  const [first] = open;
  if (first === undefined) return [];
  const [image, { text, reason }] = first;
  if (open.length === 1) return [text.replaceAll("`", "")];
  return [
    `the platforms of ${open.length} images are not known, so they are built for linux/amd64 alone; the first is ${image}: ${reason}`,
  ];
}

function write(io: Io, input: MoveInput, options: MoveOptions): ExitCode {
  const { imported } = input.plan;
  // Rules with regular expressions alone have no steps.
  const yaml =
    imported.pipelines.length === 0 ? null : yamlOf(imported, "Docker Hub's build settings", "move");
  const repositories = repositoriesOf(input);
  const tally = imported.tally ?? emptyTally;
  const open = [...tally.open, ...sumUp(input.unknownPlatforms), ...repositories.flatMap((one) => one.open)];
  const { lines, isDone } = summarize({ ...imported, tally: { ...tally, open } }, "moved");
  const inFolder = (path: string) => posix.join(options.out, path);
  const files = new Map(yaml === null ? [] : [[inFolder("tagrelay.yaml"), yaml]]);
  const { branch } = options;
  if (branch === undefined) {
    for (const { name, files: own } of repositories)
      for (const [path, text] of own) files.set(inFolder(`${name}/${path}`), text);
  }
  print(io, ...writeFiles(io.resolvePath, files, "choose another folder with --out FOLDER"));
  if (branch !== undefined) {
    for (const repository of repositories) print(io, `push the branch: ${commitBranch(repository, branch)}`);
  }
  for (const line of lines) io.stderr.write(`${line}\n`);
  printNotes(io, imported);
  return isDone ? exitCodes.success : exitCodes.failure;
}

/** Nothing is written. */
async function compare(
  io: Io,
  { planned }: Plan,
  options: MoveOptions,
  read: ReadContent,
): Promise<ExitCode> {
  const found = await Promise.all(planned.map(({ step }) => compareTrial(read, step, options.trial)));
  for (const { image, trial, verdict, lines } of found) {
    print(io, `${image} and ${trial}: ${verdict}`, ...lines.map((line) => `  ${line}`));
  }
  const counts = Map.groupBy(found, ({ verdict }) => verdict);
  print(
    io,
    `${found.length} images: ${[...counts].map(([verdict, own]) => `${own.length} ${verdict}`).join(", ")}`,
  );
  if (counts.has("differs")) return exitCodes.failure;
  return counts.has("unknown") ? exitCodes.unknown : exitCodes.success;
}
