// Imports the services of a compose file that have a `build`.
import * as z from "zod";
import { buildsOf, type ContextBuild } from "./context-builds.ts";
import { expandVariables } from "./expand-variables.ts";
import type { FilesView } from "./files-view.ts";
import { repositoryNameOf } from "./image-reference.ts";
import {
  ImportError,
  type Imported,
  type NamingOptions,
  type Note,
  noSchedule,
  note,
  quote,
  reasonsIn,
} from "./imported.ts";
import { pipelinesOf } from "./pipelines-of.ts";
import { readYaml } from "./read-document.ts";
import { taggedImages } from "./tagged-images.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const pairs = z.union([z.array(z.string()), z.record(z.string(), scalar)]);
const build = z.object({
  context: z.string().optional(),
  dockerfile: z.string().optional(),
  dockerfile_inline: z.string().optional(),
  target: z.string().optional(),
  args: pairs.nullish(),
  additional_contexts: pairs.nullish(),
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
  const expected = "a compose file, such as services: { base: { build: ./base, image: acme/base } }";
  const file = readYaml(content, composeFile, expected);
  const notes: Note[] = [];
  if (file.include !== undefined) {
    notes.push(note("include was not followed; import the other files separately"));
  }
  const builds = Object.entries(file.services).flatMap(([name, found]) =>
    found === null ? [] : readService(name, found, options, notes),
  );
  const pushed = buildsOf(builds, files, notes);
  if (pushed.length === 0) {
    const reasons = builds.length === 0 ? "; give a service a build and an image" : reasonsIn(notes);
    throw new ImportError(`expected services with a build and an image, found none${reasons}`);
  }
  notes.push(note(`compose files have no schedule; ${noSchedule}`));
  return pipelinesOf(pushed, options.namespace ?? files.name, notes);
}

function readService(label: string, found: Service, options: NamingOptions, notes: Note[]): ContextBuild[] {
  if (found.extends !== undefined) {
    notes.push(note(`${label}: extends was not followed; add by hand what it inherits`));
  }
  if (found.build === undefined || found.build === null) return [];
  if (found.depends_on !== undefined) {
    notes.push(note(`${label}: depends_on was not imported: it is the order of starts, not of builds`));
  }
  const settings = typeof found.build === "string" ? { context: found.build } : found.build;
  return [
    {
      label,
      images: imagesOf(label, found, settings.tags ?? [], options, notes),
      context: expand(settings.context ?? "."),
      dockerfile: expand(settings.dockerfile ?? "Dockerfile"),
      inline: settings.dockerfile_inline ?? null,
      target: settings.target ?? null,
      args: pairsOf(settings.args),
      contexts: pairsOf(settings.additional_contexts),
    },
  ];
}

function imagesOf(
  label: string,
  found: Service,
  tags: readonly string[],
  options: NamingOptions,
  notes: Note[],
): string[] {
  const given = [...(found.image === undefined ? [] : [found.image]), ...tags];
  if (given.length === 0) return imageNamedFor(label, options, notes);
  const expanded = given.map((image) => expandVariables(image, new Map()));
  const unknown = expanded.flatMap((image) => image.unknown);
  if (unknown.length > 0) {
    const names = unknown.map(quote).join(", ");
    const example = quote(`\${${unknown[0]}:-value}`);
    notes.push(note(`${label}: its image contains ${names}, which has no default; write ${example}`));
  }
  const known = expanded.filter((image) => image.unknown.length === 0).map(({ text }) => text);
  return taggedImages(label, known, options.namespace, notes);
}

function imageNamedFor(label: string, { namespace, tag }: NamingOptions, notes: Note[]): string[] {
  if (namespace === null) {
    notes.push(note(`${label} has no image; set its namespace with --namespace NAME`));
    return [];
  }
  const image = `${namespace}/${repositoryNameOf(label)}:${tag ?? "latest"}`;
  notes.push(note(`${label} has no image; assuming ${image}`));
  return taggedImages(label, [image], namespace, notes);
}

/** `KEY: value`, or a list of `KEY=value`. Entries without a value are left out: it comes from the environment. */
function pairsOf(given: z.infer<typeof pairs> | null | undefined): Map<string, string> {
  const entries: [string, string | null][] = Array.isArray(given)
    ? given.map((line) => [
        line.split("=")[0] ?? "",
        line.includes("=") ? line.slice(line.indexOf("=") + 1) : null,
      ])
    : Object.entries(given ?? {}).map(([key, value]) => [key, value === null ? null : String(value)]);
  return new Map(
    entries.flatMap(([key, value]): [string, string][] => (value === null ? [] : [[key, expand(value)]])),
  );
}

function expand(text: string): string {
  return expandVariables(text, new Map()).text;
}
