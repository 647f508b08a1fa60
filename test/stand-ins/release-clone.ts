// A repository of its own with the files of this one, for releases that change nothing here.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, root } from "./program.ts";

const person = { name: "t", email: "t@example.org" };

export type ReleaseClone = ReturnType<typeof makeReleaseClone>;

/** Notes how it is called. Docker has no engine, unless there is a file `engine`; a file `broken` makes builds fail. */
const builderStub = (name: string) => `#!/bin/sh
cd "$(dirname "$0")"
case $1 in
  info) [ -e engine ] ;;
  version) ;;
  *) echo "${name} $*" >>calls; [ ! -e broken ] ;;
esac
`;

export function makeReleaseClone() {
  const folder = makeFolder();
  const path = join(folder.path, "clone");
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  for (const name of ["docker", "buildah"])
    writeFileSync(join(bin, name), builderStub(name), { mode: 0o755 });
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    GIT_AUTHOR_NAME: person.name,
    GIT_AUTHOR_EMAIL: person.email,
    GIT_COMMITTER_NAME: person.name,
    GIT_COMMITTER_EMAIL: person.email,
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
  const callsFile = join(bin, "calls");
  return {
    path,
    git,
    /** How docker and buildah were called since the last question. */
    builderCalls: () => {
      const calls = existsSync(callsFile) ? readFileSync(callsFile, "utf8").trim().split("\n") : [];
      rmSync(callsFile, { force: true });
      return calls;
    },
    /** `engine` gives Docker an engine, and `broken` makes builds fail. */
    mark: (name: "engine" | "broken") => writeFileSync(join(bin, name), ""),
    release: (...args: string[]) =>
      spawnSync(process.execPath, ["infra/release/main.ts", ...args], { cwd: path, encoding: "utf8", env }),
    /** What a release changes. */
    state: () => [git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")].join("|"),
    remove: folder.remove,
  };
}
