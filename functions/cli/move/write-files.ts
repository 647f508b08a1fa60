// Writes the files of a move into a folder, or commits them to a new branch of each checkout. Other files are never changed.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CliError, exitCodes } from "../cli-error.ts";
import { readText } from "../import/disk-view.ts";
import { defaultBranch } from "./git-view.ts";
import type { MovedRepository } from "./move-files.ts";

/** `files` are texts by their paths. Nothing is written if any other file is in the way. */
export function writeFiles(
  resolve: (path: string) => string,
  files: ReadonlyMap<string, string>,
  advice: string,
): string[] {
  const states = [...files].map(([path, text]) => {
    const existing = readText(resolve(path));
    if (existing.kind === "missing") return { path, text, isThere: false };
    if (existing.kind === "text" && existing.text === text) return { path, text, isThere: true };
    throw new CliError(
      exitCodes.failure,
      `expected no other file at ${path}, found one; nothing was written: ${advice}`,
    );
  });
  for (const { path, text, isThere } of states) {
    if (isThere) continue;
    mkdirSync(dirname(resolve(path)), { recursive: true });
    writeFileSync(resolve(path), text);
  }
  return states.map(({ path, isThere }) => (isThere ? `${path} is as it should be` : `wrote ${path}`));
}

/** Returns the command that pushes the branch. The files that are checked out stay as they are. */
export function commitBranch({ name, folder, shown, files }: MovedRepository, branch: string): string {
  if (folder === null || shown === null) {
    throw new CliError(
      exitCodes.usageError,
      `expected a checkout of ${name} for the branch, found none; add --source ${name}=FOLDER`,
    );
  }
  const parent = mkdtempSync(join(tmpdir(), "tagrelay-move-"));
  const tree = join(parent, "tree");
  try {
    git(folder, "worktree", "add", "--quiet", "-b", branch, tree, startOf(folder));
    writeFiles(
      (path) => join(tree, path),
      files,
      "rename it in the repository, or write files with --out FOLDER",
    );
    git(tree, "add", "--", ...files.keys());
    git(
      tree,
      "commit",
      "--quiet",
      "-m",
      "Build on our own runners instead of Docker Hub's\n\nWritten by tagrelay move.",
    );
  } finally {
    try {
      git(folder, "worktree", "remove", "--force", tree);
    } catch {
      // It was never made.
    }
    rmSync(parent, { recursive: true, force: true });
  }
  return `git -C ${shown} push origin ${branch}`;
}

function startOf(folder: string): string {
  const branch = defaultBranch(folder);
  try {
    git(folder, "rev-parse", "--verify", "--quiet", `refs/remotes/origin/${branch}`);
    return `origin/${branch}`;
  } catch {
    return branch;
  }
}

function git(folder: string, ...args: readonly string[]): void {
  try {
    execFileSync("git", ["-C", folder, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    const stderr =
      error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "git did not start";
    throw new CliError(
      exitCodes.failure,
      `expected git ${args[0]} to make the branch, found: ${stderr}; choose another branch, or write files with --out FOLDER`,
    );
  }
}
