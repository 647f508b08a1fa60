// Reads what a request for a build names: an image, and a Dockerfile as text or in base64.
import { imageName, parseImage } from "../../../shared/image/image.ts";

export const maxDockerfileBytes = 256 * 1024;

export type Read<T> = { kind: "read"; value: T } | { kind: "problem"; problem: string };
const problem = (text: string) => ({ kind: "problem", problem: text }) as const;

/** Without a tag, it is `latest`, as for docker. */
export function readImageName(text: string): Read<string> {
  const isTagged = text.lastIndexOf(":") > text.lastIndexOf("/");
  const parsed = parseImage(isTagged ? text : `${text}:latest`, null);
  return parsed.kind === "image"
    ? { kind: "read", value: imageName(parsed.image) }
    : problem(`image: ${parsed.problem}`);
}

/** Every instruction of a Dockerfile has a space in it, and base64 has none. */
export function readDockerfile(given: string): Read<string> {
  const isText = given
    .trim()
    .split(/[\r\n]+/)
    .some((line) => /\S[ \t]+\S/.test(line));
  const text = isText ? given : decodeBase64(given.replace(/\s/g, ""));
  if (text === null || !/^\s*(?:#|[A-Za-z]+[ \t])/m.test(text)) {
    return problem("dockerfile: expected the text of a Dockerfile, as it is or in base64, found neither");
  }
  if (Buffer.byteLength(text) > maxDockerfileBytes) {
    return problem(`dockerfile: expected at most ${maxDockerfileBytes / 1024} KiB, found more`);
  }
  return { kind: "read", value: text };
}

/** With either alphabet. Null if it is not base64 of a text. */
function decodeBase64(text: string): string | null {
  if (!/^[\w+/-]+={0,2}$/.test(text)) return null;
  try {
    const bytes = Buffer.from(text, /[_-]/.test(text) ? "base64url" : "base64");
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
