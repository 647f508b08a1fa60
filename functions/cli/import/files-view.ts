// The read-only files that an importer can look at.

export type FilesView = {
  /** Name of the folder. */
  name: string;
  /** All files in the folder and its subfolders, with `/` as separator. */
  paths: () => readonly string[];
  /** The path is relative to the folder, and may leave it with `..`. */
  read: (path: string) => FileText;
};
export type FileText =
  | { kind: "text"; text: string }
  | { kind: "missing" }
  | { kind: "unreadable"; why: string };

export const maxBytes = 4 * 1024 * 1024;
export const tooLarge: FileText = { kind: "unreadable", why: "a file of more than 4 MiB" };

export function toFileText(bytes: Uint8Array): FileText {
  if (bytes.length > maxBytes) return tooLarge;
  if (bytes.includes(0)) return { kind: "unreadable", why: "a binary file (or text in UTF-16)" };
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { kind: "unreadable", why: "a file that is not in UTF-8" };
  }
}
