// Puts what is known of a build in place of the placeholders of a text, such as {tag}.
import { imageName } from "../core/image.ts";
import type { Build } from "./trigger.ts";

export const placeholderNames = ["tag", "image", "repository", "run", "step", "pipeline", "attempt"] as const;

export type Values = ReadonlyMap<string, string>;

/** `{tag}` or `{secret:NAME}`. Any other braces, such as those of JSON, are text. */
const pattern = /\{([A-Za-z_][\w-]*(?::[^{}\s]*)?)\}/g;

export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(pattern)].map(([, name = ""]) => name);
}

/** All in one go: what is put in is not looked at again. */
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

export function valuesOf({ image, runId, step, pipeline, attempt }: Build): Values {
  const values: Record<(typeof placeholderNames)[number], string> = {
    tag: image.tag,
    image: imageName(image),
    repository: image.repository,
    run: runId,
    step,
    pipeline,
    attempt: String(attempt),
  };
  return new Map(Object.entries(values));
}
