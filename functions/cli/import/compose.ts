// Imports a compose file: services with a `build`.
import * as z from "zod";
import { buildsOf, type ContextBuild } from "./context-builds.ts";
import { expandVariables } from "./expand-variables.ts";
import type { FilesView } from "./files-view.ts";
import { hubImages } from "./hub-images.ts";
import { repositoryNameOf } from "./image-reference.ts";
import { ImportError, type Imported, type NamingOptions, type Note, note, quote } from "./imported.ts";
import { pipelinesOf } from "./pipelines-of.ts";
import { readYaml } from "./read-document.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const settings = z.union([z.array(z.string()), z.record(z.string(), scalar)]);
const build = z.object({
  context: z.string().optional(),
  dockerfile: z.string().optional(),
  dockerfile_inline: z.string().optional(),
  target: z.string().optional(),
  args: settings.nullish(),
  additional_contexts: settings.nullish(),
  tags: z.array(z.string()).optional(),
});
const service = z
  .object({
    image: z.string().optional(),
    build: z.union([z.string(), build]).nullish(),
    depends_on: z.unknown().optional(),
    extends: z.unknown().optional(),
  })
  .nullable();
const composeFile = z.object({ services: z.record(z.string(), service), include: z.unknown().optional() });
type Service = NonNullable<z.infer<typeof service>>;

export function importCompose(content: string, files: FilesView, options: NamingOptions): Imported {
  const what = "a compose file, such as services: { base: { build: ./base, image: acme/base } }";
  const file = readYaml(content, composeFile, what);
  const notes: Note[] = [];
  if (file.include !== undefined)
    notes.push(note("include is not followed: import the other files by themselves"));
  const builds: ContextBuild[] = [];
  for (const [name, found] of Object.entries(file.services)) {
    if (found === null) continue;
    if (found.extends !== undefined)
      notes.push(note(`${name}: extends is not followed; add what it brings by hand`));
    if (found.build === undefined || found.build === null) continue;
    if (found.depends_on !== undefined) {
      notes.push(
        note(
          `${name}: depends_on is not carried over: it tells what is started first, not what is built first`,
        ),
      );
    }
    builds.push(contextBuild(name, found, options, notes));
  }
  const linked = buildsOf(builds, files, notes);
  if (linked.length === 0) {
    const why =
      builds.length === 0
        ? "; give a service a build and an image"
        : notes.map(({ text }) => `; ${text}`).join("");
    throw new ImportError(`expected services with a build and an image on Docker Hub, found none${why}`);
  }
  notes.push(note("a compose file tells no schedule; add one, such as schedule: { every: 24h }"));
  return pipelinesOf(linked, options.namespace ?? files.name, notes);
}

function contextBuild(label: string, found: Service, options: NamingOptions, notes: Note[]): ContextBuild {
  const told = typeof found.build === "string" ? { context: found.build } : (found.build ?? {});
  return {
    label,
    images: imagesOf(label, found, told.tags ?? [], options, notes),
    context: expand(told.context ?? "."),
    dockerfile: expand(told.dockerfile ?? "Dockerfile"),
    inline: told.dockerfile_inline ?? null,
    target: told.target ?? null,
    args: pairsOf(told.args),
    contexts: pairsOf(told.additional_contexts),
  };
}

function imagesOf(
  label: string,
  found: Service,
  tags: readonly string[],
  { namespace, tag }: NamingOptions,
  notes: Note[],
): string[] {
  const told = [...(found.image === undefined ? [] : [found.image]), ...tags].map((image) =>
    expandVariables(image, new Map()),
  );
  const unknown = told.flatMap((image) => image.unknown);
  if (unknown.length > 0) {
    notes.push(
      note(
        `${label}: its image is told by ${unknown.map(quote).join(", ")}, which has no default; write ${quote(`\${${unknown[0]}:-value}`)}`,
      ),
    );
  }
  const images = hubImages(
    label,
    told.filter((image) => image.unknown.length === 0).map(({ text }) => text),
    namespace,
    notes,
  );
  if (told.length > 0) return images;
  const image = namespace === null ? null : `${namespace}/${repositoryNameOf(label)}:${tag ?? "latest"}`;
  notes.push(
    note(
      image === null
        ? `${label} has no image; --namespace tells where it is pushed to`
        : `${label} has no image; it is taken for ${image}`,
    ),
  );
  return image === null ? [] : hubImages(label, [image], namespace, notes);
}

/** `KEY: value`, or a list of `KEY=value`. What has no value comes from the environment, and is not known. */
function pairsOf(told: z.infer<typeof settings> | null | undefined): Map<string, string> {
  const pairs: [string, string | null][] = Array.isArray(told)
    ? told.map((line) => [
        line.split("=")[0] ?? "",
        line.includes("=") ? line.slice(line.indexOf("=") + 1) : null,
      ])
    : Object.entries(told ?? {}).map(([key, value]) => [key, value === null ? null : String(value)]);
  return new Map(
    pairs.flatMap(([key, value]): [string, string][] => (value === null ? [] : [[key, expand(value)]])),
  );
}

function expand(text: string): string {
  return expandVariables(text, new Map()).text;
}
