// Imports corpusops' IMAGES.json, which lists images in build order.
import * as z from "zod";
import {
  ImportError,
  type Imported,
  type ImportedStep,
  type NamingOptions,
  type Note,
  noSchedule,
  note,
  pipelineName,
  quote,
  reasonsIn,
} from "./imported.ts";
import { fullImage } from "./link-builds.ts";
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

export function importImagesJson(content: string, folder: string, options: NamingOptions): Imported {
  const expected =
    'an IMAGES.json such as { "images": [{ "tag": "acme/base:1.0", "builder_type": "docker" }] }';
  const { images } = readJson(content, imagesFile, expected);
  const notes: Note[] = [];
  const steps = stepsOf(images, folder, options, notes);
  const [first] = steps;
  if (first === undefined) {
    throw new ImportError(`expected images with tags, found none${reasonsIn(notes)}`);
  }
  const name = pipelineName(first.image.slice(first.image.indexOf("/") + 1, first.image.lastIndexOf(":")));
  return {
    pipelines: [{ name, schedule: null, delay: null, steps }],
    notes: [...notes, ...limitations(images, steps.length).map((text) => note(text, name))],
  };
}

function stepsOf(
  images: readonly ImageEntry[],
  folder: string,
  options: NamingOptions,
  notes: Note[],
): ImportedStep[] {
  const steps: ImportedStep[] = [];
  for (const [index, entry] of images.entries()) {
    const notImported = (reason: string) =>
      notes.push(note(`image ${index + 1} was not imported: ${reason}`));
    const name = imageNameOf(entry, folder, options);
    const full = name === null ? null : fullImage(name);
    if (name === null) notImported("its tag has no namespace; set one with --namespace NAME");
    else if (full === null) notImported(`${quote(name)} is not an image with a tag`);
    else if (steps.some((step) => step.image === full)) notImported(`${full} is a duplicate`);
    else {
      const last = steps.at(-1);
      const after = last === undefined ? [] : [last.name];
      steps.push({ name: full, image: full, after, upstreams: [], trigger: null });
    }
  }
  return steps;
}

/**
 * From `tag`, with `version` if it has no version itself, or else from `name` and `version`, which default to the
 * names of the folder and the file.
 */
function imageNameOf(
  { tag, name, version, file }: ImageEntry,
  folder: string,
  options: NamingOptions,
): string | null {
  const fileName = file
    ?.split("/")
    .at(-1)
    ?.replace(/\.[^.]*$/, "");
  const isNamed = fileName !== undefined && !/^Dockerfile$/i.test(fileName);
  const defaultVersion = tag === undefined && isNamed ? fileName : (options.tag ?? "latest");
  const ownVersion = String(version ?? defaultVersion);
  if (tag?.includes("/") === true) {
    return tag.lastIndexOf(":") > tag.lastIndexOf("/") ? tag : `${tag}:${ownVersion}`;
  }
  const own = tag ?? name ?? folder;
  if (options.namespace === null) return null;
  return `${options.namespace}/${own}${own.includes(":") ? "" : `:${ownVersion}`}`;
}

function limitations(images: readonly ImageEntry[], steps: number): string[] {
  const texts: string[] = [];
  if (steps > 1) {
    texts.push(
      "the order is that of the file; images that do not depend on one another can form one stage, as a nested list",
    );
  }
  if (images.some(({ extra_args }) => extra_args !== undefined && extra_args !== "")) {
    texts.push("extra_args were not imported: the builder must know the arguments of an image");
  }
  const builders = new Set(images.map(({ builder_type }) => builder_type ?? "packer"));
  if ([...builders].some((builder) => builder !== "docker" && builder !== "dockerfile")) {
    texts.push("images with a builder_type other than docker need a builder that a trigger can start");
  }
  return [...texts, `IMAGES.json has no schedule; ${noSchedule}`];
}
