// Reads files from disk for the importers.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type FilesView, type FileText, maxBytes, toFileText, tooLarge } from "./files-view.ts";

const ignoredFolders = new Set([".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"]);

export function viewFolder(folder: string): FilesView {
  return {
    name: basename(resolve(folder)),
    paths: () => listFiles(folder, ""),
    read: (path) => readText(join(folder, path)),
  };
}

export function readText(file: string): FileText {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) return { kind: "unreadable", why: "a folder" };
    if (stats.size > maxBytes) return tooLarge;
    return toFileText(readFileSync(file));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return code === "ENOENT" || code === "ENOTDIR"
      ? { kind: "missing" }
      : { kind: "unreadable", why: `a file that cannot be read (${code})` };
  }
}

/** Ignores symbolic links, which may be circular. */
function listFiles(folder: string, prefix: string): string[] {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true });
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) return ignoredFolders.has(entry.name) ? [] : listFiles(folder, path);
      return entry.isFile() ? [path] : [];
    });
}
