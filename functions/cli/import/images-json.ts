// Imports corpusops' IMAGES.json: images in the order in which they are built.
import * as z from "zod";
import {
  ImportError,
  type Imported,
  type ImportedStep,
  type NamingOptions,
  type Note,
  note,
  pipelineName,
  quote,
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
  const what = 'an IMAGES.json such as { "images": [{ "tag": "acme/base:1.0", "builder_type": "docker" }] }';
  const { images } = readJson(content, imagesFile, what);
  const notes: Note[] = [];
  const steps: ImportedStep[] = [];
  for (const [index, entry] of images.entries()) {
    const found = imageOf(entry, folder, options);
    const full = found === null ? null : fullImage(found);
    if (full === null) {
      const why =
        found === null
          ? "it has no tag with a namespace; tell one with --namespace"
          : `${quote(found)} is no tag on Docker Hub`;
      notes.push(note(`image ${index + 1} is left out: ${why}`));
    } else if (steps.some((step) => step.image === full)) {
      notes.push(note(`image ${index + 1} is left out: ${full} is there already`));
    } else {
      const last = steps.at(-1);
      steps.push({
        name: full,
        image: full,
        after: last === undefined ? [] : [last.name],
        upstreams: [],
        trigger: null,
      });
    }
  }
  const [first] = steps;
  if (first === undefined) {
    const why = notes.map(({ text }) => `; ${text}`).join("");
    throw new ImportError(`expected images with tags on Docker Hub, found none${why}`);
  }
  const name = pipelineName(first.image.slice(first.image.indexOf("/") + 1, first.image.lastIndexOf(":")));
  return {
    pipelines: [{ name, schedule: null, delay: null, steps }],
    notes: [...notes, ...whatIsLost(images, steps.length, name)],
  };
}

/** `tag`, with `version` where it has none; else `name` and `version`, which come from the folder and the file. */
function imageOf(
  { tag, name, version, file }: ImageEntry,
  folder: string,
  options: NamingOptions,
): string | null {
  const ofFile = file
    ?.split("/")
    .at(-1)
    ?.replace(/\.[^.]*$/, "");
  const usual = ofFile === undefined || /^Dockerfile$/i.test(ofFile) ? (options.tag ?? "latest") : ofFile;
  const told = String(version ?? (tag === undefined ? usual : (options.tag ?? "latest")));
  if (tag?.includes("/") === true) {
    return tag.lastIndexOf(":") > tag.lastIndexOf("/") ? tag : `${tag}:${told}`;
  }
  const own = tag ?? name ?? folder;
  if (options.namespace === null) return null;
  return `${options.namespace}/${own}${own.includes(":") ? "" : `:${told}`}`;
}

function whatIsLost(images: readonly ImageEntry[], count: number, pipeline: string): Note[] {
  const notes: Note[] = [];
  if (count > 1) {
    notes.push(
      note(
        "the order is that of the file; images that are not built from one another may be one stage, in a list of their own",
        pipeline,
      ),
    );
  }
  if (images.some(({ extra_args }) => extra_args !== undefined && extra_args !== "")) {
    notes.push(
      note("extra_args are not carried over: what builds an image has to know its arguments", pipeline),
    );
  }
  const builders = new Set(images.map(({ builder_type }) => builder_type ?? "packer"));
  if ([...builders].some((builder) => builder !== "docker" && builder !== "dockerfile")) {
    notes.push(
      note(
        "images of another builder_type than docker have to be built and pushed by something that a trigger can start",
        pipeline,
      ),
    );
  }
  notes.push(note("IMAGES.json tells no schedule; add one, such as schedule: { every: 24h }", pipeline));
  return notes;
}
