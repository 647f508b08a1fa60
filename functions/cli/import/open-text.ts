// Texts with parts that nothing here tells, such as the output of a command. They are marked, so that they can be
// compared with what is there: `images/⟨name⟩` fits each folder in `images`.

const opening = "\uE000";
const closing = "\uE001";
const pattern = /\uE000([^\uE001]*)\uE001/g;

/** Parts of the same name have the same value. */
export function openPart(name: string): string {
  return `${opening}${name.replace(/[^\w.@*-]+/g, "_").slice(0, 100)}${closing}`;
}

export function isOpen(text: string): boolean {
  return text.includes(opening);
}

export function fillOpen(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(pattern, (whole, name: string) => values.get(name) ?? whole);
}

/** For people and for Dockerfiles: `${name}`. */
export function showOpen(text: string): string {
  return text.replace(pattern, (_whole, name: string) => `\${${name}}`);
}

/** The values of the open parts with which `text` is `found`; null if it cannot be. */
export function matchOpen(text: string, found: string): Map<string, string> | null {
  const names = [...text.matchAll(pattern)].map(([, name = ""]) => name);
  const quoted = (plain: string) => plain.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const source = text.split(pattern).map((part, index) => (index % 2 === 0 ? quoted(part) : "([^/]+)"));
  const match = new RegExp(`^${source.join("")}$`).exec(found);
  if (match === null) return null;
  const values = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const value = match[index + 1] ?? "";
    if ((values.get(name) ?? value) !== value) return null;
    values.set(name, value);
  }
  return values;
}

/**
 * What is known of an image's name. A namespace that is not known is `?` at another registry and missing at Docker Hub,
 * an unknown tag is left out. Null if its own name is not known.
 */
export function closeImage(text: string): string | null {
  const colon = text.lastIndexOf(":");
  const hasTag = colon > text.lastIndexOf("/");
  const tag = hasTag ? text.slice(colon + 1) : "";
  const parts = (hasTag ? text.slice(0, colon) : text).split("/").filter((part) => part !== "");
  const name = parts.at(-1) ?? "";
  if (name === "" || isOpen(name)) return null;
  const ending = tag === "" || isOpen(tag) ? "" : `:${tag}`;
  const above = parts.slice(0, -1);
  if (!above.some(isOpen)) return [...above, `${name}${ending}`].join("/");
  const [host = ""] = above;
  const isHost = !isOpen(host) && (/[.:]/.test(host) || host === "localhost");
  return isHost && host !== "docker.io" ? `${host}/?/${name}${ending}` : `${name}${ending}`;
}

/** Images with a known tag; those of which only the tag is not known, if there are none. */
export function closeImages(texts: readonly string[]): string[] {
  const isOpenTag = (text: string) => isOpen(text.split("/").at(-1) ?? "");
  const closed = (given: readonly string[]) => [
    ...new Set(given.flatMap((text) => (text === "" ? [] : (closeImage(text) ?? [])))),
  ];
  const known = closed(texts.filter((text) => !isOpenTag(text)));
  return known.length > 0 ? known : closed(texts);
}
