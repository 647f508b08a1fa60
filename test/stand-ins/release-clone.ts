// A repository of its own with the files of this one, for releases that change nothing here.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, root } from "./program.ts";

const person = { name: "t", email: "t@example.org" };

export type ReleaseClone = ReturnType<typeof makeReleaseClone>;

export function makeReleaseClone() {
  const folder = makeFolder();
  const path = join(folder.path, "clone");
  const env = {
    ...process.env,
    ...{ GIT_AUTHOR_NAME: person.name, GIT_AUTHOR_EMAIL: person.email },
    ...{ GIT_COMMITTER_NAME: person.name, GIT_COMMITTER_EMAIL: person.email },
  };
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path, encoding: "utf8", env });
  const skipped = /^(?:node_modules|\.git|dist|cdk\.out|\.screenshots|\.tagrelay)(?:\/|$)/;
  cpSync(root, path, { recursive: true, filter: (source) => !skipped.test(source.slice(root.length)) });
  symlinkSync(join(root, "node_modules"), join(path, "node_modules"));
  git("init", "--quiet", "--initial-branch", "main");
  // A link is not the folder that .gitignore names.
  writeFileSync(join(path, ".git/info/exclude"), "node_modules\n");
  git("add", ".");
  git("commit", "--quiet", "--message", "All");
  return {
    path,
    git,
    release: (...args: string[]) =>
      spawnSync(process.execPath, ["infra/release/main.ts", ...args], { cwd: path, encoding: "utf8", env }),
    /** What a release changes. */
    state: () => [git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")].join("|"),
    remove: folder.remove,
  };
}
