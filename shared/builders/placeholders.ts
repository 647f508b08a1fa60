// Replaces the placeholders of a text, such as {tag}, by the values of a build.
import { type Image, imageName } from "../image/image.ts";
import type { BuildRequest } from "../kinds/builder.ts";

export const placeholderNames = [
  "tag",
  "tags",
  "image",
  "repository",
  "date",
  "run",
  "step",
  "pipeline",
  "attempt",
  "base",
  "pins",
] as const;
type PlaceholderName = (typeof placeholderNames)[number];

/** A gate has no image. */
export const imagePlaceholders = ["tag", "tags", "image", "repository"] as const satisfies PlaceholderName[];

export type Values = ReadonlyMap<string, string>;

/** `{tag}` or `{secret:NAME}`. Any other braces, such as those of JSON, are text. */
const pattern = /\{([A-Za-z_][\w-]*(?::[^{}\s]*)?)\}/g;
const secretPrefix = "secret:";
const digestPrefix = "digest:";
const parameterPrefix = "parameter:";

export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(pattern)].map(([, name = ""]) => name);
}

/** The secret that a placeholder stands for, or null. */
export function secretOf(placeholder: string): string | null {
  return placeholder.startsWith(secretPrefix) ? placeholder.slice(secretPrefix.length) : null;
}

/** The step whose digest a placeholder stands for, as in {digest:base}, or null. */
export function digestStepOf(placeholder: string): string | null {
  return placeholder.startsWith(digestPrefix) ? placeholder.slice(digestPrefix.length) : null;
}

/** Whether it is a parameter of the pipeline: {version}, which compile-parameters.ts writes as {parameter:version}. */
export function isParameter(placeholder: string): boolean {
  return placeholder.startsWith(parameterPrefix);
}

/** The placeholder of a secret, without its braces. */
export function secretPlaceholder(name: string): string {
  return `${secretPrefix}${name}`;
}

/** The secrets that the texts name as {secret:NAME}, each once. */
export function secretsIn(texts: readonly string[]): string[] {
  const placeholders = texts.flatMap(placeholdersIn);
  return [...new Set(placeholders.flatMap((placeholder) => secretOf(placeholder) ?? []))];
}

/** In one pass: placeholders within the values stay as they are. `write` escapes a value. */
export function fillIn(
  text: string,
  values: Values,
  write: (value: string) => string = (value) => value,
): string {
  return text.replace(pattern, (whole, name: string) => {
    const value = values.get(name);
    return value === undefined ? whole : write(value);
  });
}

export function fillInAll(texts: Readonly<Record<string, string>>, values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, fillIn(text, values)]));
}

function valuesOfImage(
  image: Image,
  tags: readonly Image[],
): Record<(typeof imagePlaceholders)[number], string> {
  // A list with commas fits into one line, and both docker/build-push-action and the exporters of BuildKit take it.
  const all = [image, ...tags].map(imageName).join(",");
  return { tag: image.tag, tags: all, image: imageName(image), repository: image.repository };
}

export function valuesOf(build: BuildRequest): Values {
  const { image, tags, runId, step, pipeline, attempt, bases, parameters } = build;
  const direct = bases.filter(({ isDirect }) => isDirect);
  const values: Partial<Record<PlaceholderName, string>> = {
    ...(image === null ? {} : valuesOfImage(image, tags)),
    ...(parameters.date === undefined ? {} : { date: parameters.date }),
    run: runId,
    step,
    pipeline,
    attempt: String(attempt),
    base: direct.map(({ pinned }) => pinned).join(" "),
    // What build-contexts of docker/build-push-action takes: it replaces a FROM without editing the Dockerfile.
    pins: direct.map((base) => `${base.image}=docker-image://${base.pinned}`).join("\n"),
  };
  const digests = bases.map(({ step: name, digest }) => [`${digestPrefix}${name}`, digest ?? ""] as const);
  const ofRun = Object.entries(parameters).map(
    ([name, value]) => [`${parameterPrefix}${name}`, value] as const,
  );
  return new Map([...Object.entries(values), ...digests, ...ofRun]);
}
