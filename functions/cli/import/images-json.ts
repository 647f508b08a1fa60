// Imports corpusops' IMAGES.json, which lists images in build order.
import { posix } from "node:path";
import * as z from "zod";
import { assemble } from "./assemble.ts";
import type { ContextBuild } from "./context-builds.ts";
import { dockerCommands } from "./docker-commands.ts";
import type { FilesView } from "./files-view.ts";
import { readReference } from "./image-reference.ts";
import {
  ImportError,
  type Imported,
  type NamingOptions,
  type Note,
  noSchedule,
  note,
  pipelineName,
  quote,
  reasonsIn,
} from "./imported.ts";
import { readJson } from "./read-document.ts";

const image = z.object({
  tag: z.string().optional(),
  name: z.string().optional(),
  version: z.union([z.string(), z.number()]).optional(),
  file: z.string().optional(),
  dockerfile: z.string().optional(),
  working_dir: z.string().optional(),
  extra_args: z.string().optional(),
  builder_type: z.string().optional(),
});
type ImageEntry = z.infer<typeof image>;
const imagesFile = z.object({ images: z.array(image) });
const expected =
  'an IMAGES.json such as { "images": [{ "tag": "acme/base:1.0", "builder_type": "docker" }] }';

/** `path` is that of the file, from the folder that is imported. */
export function importImagesJson(
  content: string,
  path: string,
  files: FilesView,
  options: NamingOptions,
): Imported {
  const notes: Note[] = [];
  const builds = imagesJsonBuilds(content, path, files, notes);
  // Here, the order of the file is the order of the builds.
  const inOrder = builds.map((build, index) => ({
    ...build,
    after: index === 0 ? [] : [builds[index - 1]?.label ?? ""],
  }));
  const imported = assemble(inOrder, files, options, notes);
  const [first] = imported?.pipelines[0]?.steps ?? [];
  if (imported === null || first === undefined) {
    throw new ImportError(`expected images with tags, found none${reasonsIn(notes)}`);
  }
  if (builds.length > 1) {
    imported.notes.push(
      note(
        "the order is that of the file; images that do not depend on one another can form one stage, as a nested list",
      ),
    );
  }
  const name = pipelineName(
    first.image.slice(first.image.lastIndexOf("/") + 1, first.image.lastIndexOf(":")),
  );
  const [pipeline, ...others] = imported.pipelines;
  const pipelines =
    pipeline === undefined || others.length > 0 ? imported.pipelines : [{ ...pipeline, name }];
  const rename = (text: string | null) => (text === pipeline?.name && others.length === 0 ? name : text);
  const renamed = imported.notes.map((found) => ({ ...found, pipeline: rename(found.pipeline) }));
  return { ...imported, pipelines, notes: [...renamed, note(`IMAGES.json has no schedule; ${noSchedule}`)] };
}

/** The images in the order of the file, with the commands that build them. */
export function imagesJsonBuilds(
  content: string,
  path: string,
  files: FilesView,
  notes: Note[],
): ContextBuild[] {
  const { images } = readJson(content, imagesFile, expected);
  const folder = posix.dirname(path);
  const seen = new Set<string>();
  return images.flatMap((entry, index): ContextBuild[] => {
    const image = imageNameOf(entry, rootName(folder, files.name));
    if (seen.has(image)) {
      notes.push(note(`image ${index + 1} was not imported: ${image} is a duplicate`));
      return [];
    }
    seen.add(image);
    const build = toBuild(entry, index, image, folder, files, notes);
    return [build];
  });
}

/** IMAGES.json lies in the folder `docker` or `.docker` of a project, or on top of it. */
function rootName(folder: string, root: string): string {
  const parts = folder.split("/").filter((part) => part !== "." && !/^\.?docker$/.test(part));
  return parts.at(-1) ?? root;
}

/**
 * From `tag`, with `version` if it has no version itself, or else from `name` and `version`, which default to the
 * names of the folder and the file.
 */
function imageNameOf({ tag, name, version, file }: ImageEntry, folder: string): string {
  const fileName = fileOf(file);
  const isNamed = fileName !== undefined && !/^(?:Dockerfile|packer)$/i.test(fileName);
  const defaultVersion = tag === undefined && isNamed ? fileName : undefined;
  const own = tag ?? name ?? folder;
  const hasTag = own.lastIndexOf(":") > own.lastIndexOf("/");
  const ownVersion = version ?? defaultVersion;
  return hasTag || ownVersion === undefined ? own : `${own}:${ownVersion}`;
}

function fileOf(file: string | undefined): string | undefined {
  return file
    ?.split("/")
    .at(-1)
    ?.replace(/\.(?:json|hcl)$/, "");
}

const isDocker = ({ builder_type = "packer" }: ImageEntry) => /^(?:docker|dockerfile)$/.test(builder_type);

function toBuild(
  entry: ImageEntry,
  index: number,
  image: string,
  folder: string,
  files: FilesView,
  notes: Note[],
): ContextBuild {
  const label = `image ${index + 1}`;
  // Without it, docker builds in the project, which has the folder of IMAGES.json in it.
  const project = /(?:^|\/)\.?docker$/.test(folder) ? posix.dirname(folder) : folder;
  const directory =
    entry.working_dir === undefined
      ? project
      : posix.join(folder, entry.working_dir, ".").replace(/(.)\/$/, "$1");
  const extra = resolveParts(entry.extra_args ?? "", image, label, notes);
  const common = { label, images: [image], names: [], inline: null, context: directory };
  if (!isDocker(entry)) {
    const builder = entry.builder_type ?? "packer";
    const wanted = entry.file ?? (entry.version === undefined ? "packer.json" : `${entry.version}.json`);
    const path = firstThere([posix.join(folder, builder, wanted), posix.join(folder, wanted)], files);
    const inFolder = directory === "." ? "" : `cd ${quoteWord(directory)} && `;
    const file = quoteWord(posix.relative(directory, path));
    const command = `${inFolder}${builder} build ${extra === "" ? "" : `${extra} `}${file}`;
    if (files.read(path).kind !== "text")
      notes.push(note(`${label}: ${path} does not exist; it may have to be generated first`));
    return { ...common, path, target: null, args: new Map(), contexts: new Map(), platforms: [], command };
  }
  const wanted = entry.file ?? entry.dockerfile ?? "Dockerfile";
  const places = ["docker", "dockerfile", "packer", "."].map((name) => posix.join(folder, name, wanted));
  const path = firstThere([...places, posix.join(directory, wanted)].toReversed(), files);
  const [parsed] = dockerCommands(`docker build ${extra} .`, directory);
  return {
    ...common,
    path,
    target: parsed?.target ?? null,
    args: parsed?.args ?? new Map(),
    contexts: parsed?.contexts ?? new Map(),
    platforms: parsed?.platforms ?? [],
  };
}

function firstThere(paths: readonly [string, ...string[]] | string[], files: FilesView): string {
  return paths.find((path) => files.read(path).kind === "text") ?? paths[0] ?? "Dockerfile";
}

/** Quotes a word for `sh`, unless it needs none. */
function quoteWord(text: string): string {
  return /^[\w./:=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `{img_parts[tag]}` and the other parts of the image's name. */
function resolveParts(text: string, image: string, label: string, notes: Note[]): string {
  const { registry, repository, tag } = readReference(image);
  const name = repository.split("/").at(-1) ?? "";
  const namespace = repository.split("/").slice(0, -1).join("/");
  const parts = new Map([
    ...[
      ["tag", tag],
      ["version", tag],
      ["name", name],
      ["image", repository.replace(/^library\//, "")],
    ].map(toPair),
    ...[
      ["registry", registry ?? ""],
      ["namespace", namespace],
      ["repo", namespace],
      ["owner", namespace],
    ].map(toPair),
  ]);
  return text.replace(
    /\{(?:img_parts\[["']?(\w+)["']?\]|(tag|name|version))\}/g,
    (whole, part?: string, plain?: string) => {
      const value = parts.get(part ?? plain ?? "");
      if (value === undefined)
        notes.push(note(`${label}: ${quote(whole)} in extra_args is not known; replace it by hand`));
      return value ?? whole;
    },
  );
}

function toPair([key = "", value = ""]: readonly string[]): [string, string] {
  return [key, value];
}
