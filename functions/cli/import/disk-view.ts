// Reads files from disk for the importers.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type FilesView, type FileText, sizeLimit, textOf } from "./files-view.ts";

const passedOver = new Set([".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"]);

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
    // A pipe has no size and may never end; a process substitution is one, and is read to its end.
    if (stats.size > sizeLimit) return { kind: "unreadable", why: "a file of more than 4 MiB" };
    return textOf(readFileSync(file));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return code === "ENOENT" || code === "ENOTDIR"
      ? { kind: "missing" }
      : { kind: "unreadable", why: `one that cannot be read (${code})` };
  }
}

/** Links are not followed: they may lead in a circle. */
function listFiles(folder: string, prefix: string): string[] {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true });
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) return passedOver.has(entry.name) ? [] : listFiles(folder, path);
      return entry.isFile() ? [path] : [];
    });
}
