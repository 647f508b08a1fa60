// Reads files from disk for the importers.
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
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

/** A link to a folder above it would be circular, and one out of the folder is none of its files. */
function listFiles(folder: string, prefix: string, isLinked = false): string[] {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true });
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      const kind = entry.isSymbolicLink() && !isLinked ? kindOfLink(folder, path) : kindOf(entry);
      const isInLink = isLinked || entry.isSymbolicLink();
      if (kind === "folder") return ignoredFolders.has(entry.name) ? [] : listFiles(folder, path, isInLink);
      return kind === "file" ? [path] : [];
    });
}

function kindOf(entry: { isDirectory: () => boolean; isFile: () => boolean }): "folder" | "file" | null {
  return entry.isDirectory() ? "folder" : entry.isFile() ? "file" : null;
}

function kindOfLink(folder: string, path: string): "folder" | "file" | null {
  try {
    const target = realpathSync(join(folder, path));
    const isInside = target.startsWith(`${realpathSync(folder)}${sep}`);
    const isAbove = realpathSync(dirname(join(folder, path))).startsWith(target);
    return isInside && !isAbove ? kindOf(statSync(target)) : null;
  } catch {
    return null;
  }
}
