// Tags with parameters: `acme/base:{version}` is acme/base:1.2.3 in a run whose version is 1.2.3.
import type { Image } from "./image.ts";

export type Parameters = Readonly<Record<string, string>>;

const pattern = /\{([A-Za-z_]\w*)\}/g;

export function parametersIn(text: string): string[] {
  return [...text.matchAll(pattern)].map(([, name = ""]) => name);
}

/** A parameter without a value stays as it is. */
export function fillInParameters(text: string, values: Parameters): string {
  return text.replace(pattern, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}

export function fillInTag({ repository, tag }: Image, values: Parameters): Image {
  return { repository, tag: fillInParameters(tag, values) };
}

/** Whether a parameter of its tag has no value yet, so that it names no image. */
export function hasUnfilledParameter({ tag }: Image): boolean {
  return tag.includes("{");
}

/** Whether some values make an open image this one. */
export function mayBe(open: Image, { repository, tag }: Image): boolean {
  if (open.repository !== repository) return false;
  const parts = open.tag.split(pattern).flatMap((part, index) => (index % 2 === 0 ? part : []));
  const escaped = parts.map((part) => part.replace(/[.-]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".+")}$`).test(tag);
}
