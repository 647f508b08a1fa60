// The files that an importer may look at: texts by path, read only.

export type FilesView = {
  /** What the folder is called. */
  name: string;
  /** All files below the folder, with slashes. */
  paths: () => readonly string[];
  /** A path is relative to the folder, and may lead out of it with `..`. */
  read: (path: string) => FileText;
};
export type FileText =
  | { kind: "text"; text: string }
  | { kind: "missing" }
  | { kind: "unreadable"; why: string };

export const sizeLimit = 4 * 1024 * 1024;

/** What stands in a file, unless it is no text. */
export function textOf(bytes: Uint8Array): FileText {
  if (bytes.length > sizeLimit) return { kind: "unreadable", why: "a file of more than 4 MiB" };
  if (bytes.includes(0)) return { kind: "unreadable", why: "a binary file (or one in UTF-16)" };
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { kind: "unreadable", why: "a file that is not in UTF-8" };
  }
}
