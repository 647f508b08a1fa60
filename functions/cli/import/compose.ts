// Imports the services of a compose file that have a `build`.

import { posix } from "node:path";
import * as z from "zod";
import { assemble } from "./assemble.ts";
import { type ContextBuild, isRemote, pathIn, rebaseContexts } from "./context-builds.ts";
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
import { closeImages, openPart } from "./open-text.ts";
import { readYaml } from "./read-document.ts";

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
  platforms: z.array(z.string()).optional(),
});
const service = z
  .object({
    image: z.string().optional(),
    build: z.union([z.string(), build]).nullish(),
    depends_on: z.unknown().optional(),
    extends: z.unknown().optional(),
    platform: z.string().optional(),
  })
  .nullable();
const composeFile = z.object({ services: z.record(z.string(), service), include: z.unknown().optional() });
type Service = NonNullable<z.infer<typeof service>>;

export function importCompose(content: string, files: FilesView, options: NamingOptions): Imported {
  const notes: Note[] = [];
  const builds = composeBuilds(content, ".", notes).map((build) =>
    build.images.length > 0
      ? build
      : { ...build, images: [repositoryNameOf(build.label)], isNamedHere: true },
  );
  const imported = assemble(builds, files, options, notes);
  if (imported === null) {
    const reasons = builds.length === 0 ? "; give a service a build and an image" : reasonsIn(notes);
    throw new ImportError(`expected services with a build and an image, found none${reasons}`);
  }
  imported.notes.push(note(`compose files have no schedule; ${noSchedule}`));
  return imported;
}

/** The services that are built. Their images are as written; some have none. */
export function composeBuilds(content: string, folder: string, notes: Note[]): ContextBuild[] {
  const expected = "a compose file, such as services: { base: { build: ./base, image: acme/base } }";
  const file = readYaml(content, composeFile, expected);
  if (file.include !== undefined) {
    notes.push(note("include was not followed; import the other files separately"));
  }
  return Object.entries(file.services).flatMap(([name, found]) =>
    found === null ? [] : readService(name, found, folder, notes),
  );
}

function readService(label: string, found: Service, folder: string, notes: Note[]): ContextBuild[] {
  if (found.extends !== undefined) {
    notes.push(note(`${label}: extends was not followed; add by hand what it inherits`));
  }
  if (found.build === undefined || found.build === null) return [];
  if (found.depends_on !== undefined) {
    notes.push(note(`${label}: depends_on was not imported: it is the order of starts, not of builds`));
  }
  const settings = typeof found.build === "string" ? { context: found.build } : found.build;
  const given = expand(settings.context ?? ".");
  const context = isRemote(given) ? given : posix.join(folder, given);
  return [
    {
      label,
      images: imagesOf(label, found, settings.tags ?? [], notes),
      context,
      path: pathIn(context, expand(settings.dockerfile ?? "Dockerfile")),
      inline: settings.dockerfile_inline ?? null,
      target: settings.target ?? null,
      args: pairsOf(settings.args),
      contexts: rebaseContexts(pairsOf(settings.additional_contexts), folder),
      platforms: [...(settings.platforms ?? []), ...(found.platform === undefined ? [] : [found.platform])],
    },
  ];
}

function imagesOf(label: string, found: Service, tags: readonly string[], notes: Note[]): string[] {
  const given = [...(found.image === undefined ? [] : [found.image]), ...tags];
  const expanded = given.map((image) => expandVariables(image, new Map()));
  const unknown = expanded.flatMap((image) => image.unknown);
  if (unknown.length > 0) {
    const names = unknown.map(quote).join(", ");
    const example = quote(`\${${unknown[0]}:-value}`);
    notes.push(note(`${label}: its image contains ${names}, which has no default; write ${example}`));
  }
  // What is known of the name may do.
  const open = (text: string) => text.replace(/\$\{([^}]*)\}/g, (_whole, name: string) => openPart(name));
  return closeImages(expanded.map(({ text }) => open(text)));
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
