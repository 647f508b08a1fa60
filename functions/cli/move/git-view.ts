// The files of a checkout: of its folder, or of a branch or tag that is not checked out.
import { execFileSync } from "node:child_process";
import { posix } from "node:path";
import { viewFolder } from "../import/disk-view.ts";
import { type FilesView, type FileText, maxBytes, toFileText, tooLarge } from "../import/files-view.ts";

export type RefView = {
  files: FilesView;
  /** The folder does not have this branch or tag, so that its files are taken as they are. */
  isOther: boolean;
};

export function viewRef(folder: string, type: "Branch" | "Tag", name: string): RefView {
  const whole = { files: viewFolder(folder), isOther: false };
  if (git(folder, "rev-parse", "--is-inside-work-tree") === null) return whole;
  const current = type === "Branch" ? git(folder, "symbolic-ref", "--quiet", "--short", "HEAD") : null;
  if (current?.toString().trim() === name) return whole;
  const refs =
    type === "Branch" ? [`refs/heads/${name}`, `refs/remotes/origin/${name}`] : [`refs/tags/${name}`];
  for (const ref of refs) {
    const commit = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
    if (commit !== null) return { files: viewCommit(folder, commit.toString().trim()), isOther: false };
  }
  return { ...whole, isOther: true };
}

function viewCommit(folder: string, commit: string): FilesView {
  const listed = git(folder, "ls-tree", "-r", "-z", "--full-tree", commit)?.toString() ?? "";
  const blobs = new Map(
    listed.split("\0").flatMap((line) => {
      // Links and submodules are no files.
      const [, blob = "", path = ""] = /^100\d+ blob (\w+)\t(.+)$/s.exec(line) ?? [];
      return path === "" ? [] : [[path, blob] as const];
    }),
  );
  // Rules share files, and each look starts a process.
  const known = new Map<string, FileText>();
  const readBlob = (blob: string): FileText => {
    const bytes = git(folder, "cat-file", "blob", blob);
    return bytes === null ? tooLarge : toFileText(bytes);
  };
  return {
    name: posix.basename(folder),
    paths: () => [...blobs.keys()],
    read: (path) => {
      const blob = blobs.get(posix.normalize(path));
      if (blob === undefined) return { kind: "missing" };
      const text = known.get(blob) ?? readBlob(blob);
      known.set(blob, text);
      return text;
    },
  };
}

/** The branch that workflows are dispatched on: the one that was cloned, or else the current one. */
export function defaultBranch(folder: string): string {
  const head = git(folder, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD");
  const own = head
    ?.toString()
    .trim()
    .replace(/^origin\//, "");
  return own ?? git(folder, "symbolic-ref", "--quiet", "--short", "HEAD")?.toString().trim() ?? "main";
}

/** Null if git fails, or is not there. */
function git(folder: string, ...args: readonly string[]): Buffer | null {
  try {
    return execFileSync("git", ["-C", folder, ...args], {
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 16 * maxBytes,
    });
  } catch {
    return null;
  }
}
