// `tagrelay import PATH`: converts existing build files to a tagrelay.yaml.
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, normalize, relative } from "node:path";
import { createInterface } from "node:readline/promises";
import { parse } from "yaml";
import { compileConfig } from "../../shared/config/compile.ts";
import { messageOf } from "../../shared/log.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { readText, viewFolder } from "./import/disk-view.ts";
import { toFileText } from "./import/files-view.ts";
import { importSource, type Source } from "./import/import-source.ts";
import { ImportError, type Imported, type NamingOptions, note, quote } from "./import/imported.ts";
import type { Kind } from "./import/recognise-kind.ts";
import { summarize } from "./import/summary.ts";
import { addTriggers, type TriggerOptions, workflowText } from "./import/trigger/add-triggers.ts";
import type { TriggerKind } from "./import/trigger/trigger-kinds.ts";
import { remoteOf } from "./import/workflow/github-context.ts";
import { yamlText } from "./import/yaml-text.ts";
import { type Io, readStdin } from "./io.ts";

type Options = {
  namespace?: string | undefined;
  tag?: string | undefined;
  from?: Kind | undefined;
  withTests?: true | undefined;
  trigger?: TriggerKind | undefined;
  repository?: string | undefined;
  workflow?: string | undefined;
};

export async function importConfig(io: Io, path: string, options: Options) {
  const found = await importAsking(io, path, options);
  const { trigger: kind } = options;
  const place = placeOf(io, path);
  const imported = kind === undefined ? found : addTriggers(found, triggerOptions(io, kind, place, options));
  const yaml = yamlOf(imported, path === "-" ? "standard input" : basename(path));
  io.stdout.write(yaml);
  const { lines, isDone } = summarize(imported);
  if (kind !== undefined) lines.push(...writeWorkflow(io, imported, kind, place, options));
  for (const line of lines) io.stderr.write(`${line}\n`);
  printNotes(io, imported);
  return isDone ? exitCodes.success : exitCodes.failure;
}

/** The configuration as text. It is valid, or this is a defect. */
export function yamlOf(imported: Imported, source: string, command = "import"): string {
  const yaml = yamlText(imported, note(source).text, command);
  try {
    compileConfig(parse(yaml));
    return yaml;
  } catch (error) {
    throw new CliError(
      exitCodes.failure,
      `expected the ${command} to give a valid configuration, found these problems:\n${messageOf(error)}`,
      { cause: error },
    );
  }
}

export function printNotes(io: Io, { notes }: Imported): void {
  for (const { pipeline, step, text } of notes) {
    // The summary has it already.
    if (text.startsWith("TO DECIDE: ")) continue;
    const subject = [pipeline, step].filter((name) => name !== null).join(", ");
    io.stderr.write(`note: ${subject === "" ? "" : `${subject}: `}${text}\n`);
  }
}

/** Asks for the namespace in a terminal if nothing else tells it. Without an answer, the placeholder stays. */
async function importAsking(io: Io, path: string, options: Options): Promise<Imported> {
  const found = await importFrom(io, path, options);
  const isOpen = found.tally?.open.some((text) => text.includes("--namespace NAME")) === true;
  if (!isOpen || io.stdin.isTTY !== true) return found;
  const prompt = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const namespace = (
      await prompt.question("namespace of the images, such as acme or quay.io/acme: ")
    ).trim();
    return namespace === "" ? found : await importFrom(io, path, { ...options, namespace });
  } finally {
    prompt.close();
  }
}

/** The folder that the paths of recipes are relative to, from where the command runs. */
function placeOf(io: Io, path: string): string {
  if (path === "-") return ".";
  const isFolder = statSync(io.resolvePath(path), { throwIfNoEntry: false })?.isDirectory() === true;
  const folder = normalize(isFolder ? path : folderOfFile(path));
  return folder === "./" ? "." : folder.replace(/(.)\/$/, "$1");
}

/** IMAGES.json may lie in the folder `docker` of its project, whose files it names. */
function folderOfFile(path: string): string {
  const folder = dirname(path);
  const isInDocker = /^images\.json$/i.test(basename(path)) && /^\.?docker$/.test(basename(folder));
  return isInDocker ? dirname(folder) : folder;
}

const repositoryPattern = /^[\w.-]+(?:\/[\w.-]+)+$/;

function triggerOptions(io: Io, kind: TriggerKind, place: string, options: Options): TriggerOptions {
  const { repository = remoteOf(viewFolder(io.resolvePath(place))), workflow = workflowFiles[kind] } =
    options;
  if (repository !== null && !repositoryPattern.test(repository)) {
    throw new CliError(
      exitCodes.usageError,
      `expected a repository such as acme/images after --repository, found ${quote(repository)}`,
    );
  }
  const buildspec = options.workflow === undefined ? null : relative(place, options.workflow);
  return { kind, repository, workflow: basename(workflow), buildspec, directory: place };
}

/** Where the workflow is written to, from the folder that is imported. */
const workflowFiles = {
  command: "",
  github: ".github/workflows/image.yml",
  gitlab: ".gitlab-ci.yml",
  // Only for --workflow: the stack has a buildspec of its own.
  codebuild: "",
};

/** Never over another file. */
function writeWorkflow(
  io: Io,
  imported: Imported,
  kind: TriggerKind,
  place: string,
  options: Options,
): string[] {
  const text = workflowText(imported, kind);
  if (text === null) return [];
  if (kind === "codebuild" && options.workflow === undefined) {
    return ["`npx cdk deploy` creates the projects of CodeBuild in `codebuild`"];
  }
  const shown = options.workflow ?? join(place, workflowFiles[kind]);
  const file = io.resolvePath(shown);
  const existing = readText(file);
  if (existing.kind === "text" && existing.text === text) return [`${shown} is as it should be`];
  if (existing.kind !== "missing") {
    throw new CliError(
      exitCodes.failure,
      `expected no other file at ${shown}, found one, which was left alone; name another file with --workflow FILE`,
    );
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return [`wrote ${shown}; push it to the default branch`];
}

export async function importFrom(io: Io, path: string, options: Options): Promise<Imported> {
  try {
    const naming = readNaming(options);
    return importSource(await readSource(io, path), options.from ?? null, naming);
  } catch (error) {
    const isKnown = error instanceof ImportError;
    const { name, message } = error instanceof Error ? error : { name: "Error", message: "unknown error" };
    const text = isKnown ? message : `the import failed: ${name}: ${message}`;
    throw new CliError(exitCodes.usageError, text, { cause: error });
  }
}

type Naming = Pick<Options, "withTests"> & Partial<Record<"namespace" | "tag", string | null | undefined>>;

/** Of Docker Hub, or with the host of another registry: `acme`, `quay.io/acme`. */
const namespacePattern =
  /^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

function readNaming({ namespace = null, tag = null, withTests }: Naming): NamingOptions {
  if (tag !== null && !/^\w[\w.-]{0,127}$/.test(tag)) {
    throw new ImportError(`expected a tag such as latest after --tag, found ${quote(tag)}`);
  }
  if (namespace !== null && !namespacePattern.test(namespace)) {
    throw new ImportError(`expected a namespace such as acme after --namespace, found ${quote(namespace)}`);
  }
  return { namespace, tag, withTests: withTests === true };
}

async function readSource(io: Io, path: string): Promise<Source> {
  if (path === "-") return toSource(path, toFileText(await readStdin(io)), io.resolvePath("."));
  const resolved = io.resolvePath(path);
  if (statSync(resolved, { throwIfNoEntry: false })?.isDirectory() === true) {
    return { kind: "folder", files: viewFolder(resolved) };
  }
  return toSource(path, readText(resolved), folderOfFile(resolved));
}

function toSource(path: string, file: ReturnType<typeof readText>, folder: string): Source {
  if (file.kind === "text") {
    return { kind: "file", file: path, text: file.text, files: viewFolder(folder) };
  }
  const found = file.kind === "missing" ? "no such file or folder" : file.why;
  throw new ImportError(
    `expected a file or a folder at ${quote(path)}, found ${found}; --help lists what can be imported`,
  );
}
