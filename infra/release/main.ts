// `npm run release`: makes a release on this machine. Nothing leaves the machine: the commands that publish it are printed.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "../../shared/usage-error.ts";
import { planRelease, type Release } from "./plan-release.ts";
import { setVersion } from "./set-version.ts";

const help = `Usage: npm run release -- [VERSION|major|minor|patch] [--dry-run] [--image NAME]

Makes a release: sets the version, dates the heading in CHANGELOG.md, packs the package, commits and tags. It publishes
nothing, but prints the commands that do. Without a version, the changelog decides: additions and changes make a minor
version, fixes a patch.

  --dry-run     shows all of it and changes nothing
  --image NAME  the repository of the image (default: tagrelay)
`;

const files = ["package.json", "package-lock.json", "CHANGELOG.md"] as const;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "dry-run": { type: "boolean", default: false },
      image: { type: "string", default: "tagrelay" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    print(help);
    return;
  }
  if (positionals.length > 1) throw new UsageError(`expected one version, found ${positionals.join(" ")}`);
  const today = new Date().toISOString().slice(0, 10);
  const release = planRelease(readRepository(), positionals[0] ?? null, today);
  print(`Release ${release.version}\n\n${release.notes}\n\n`);
  const dryRun = values["dry-run"];
  if (!dryRun) makeRelease(release);
  print(`${dryRun ? "It would change, commit and tag" : "Changed, committed and tagged"} on this machine:
  version         ${release.version} in package.json and package-lock.json
  CHANGELOG.md    ## ${release.version} - ${today}
  package         tagrelay-${release.version}.tgz
  git tag         ${release.gitTag}

${dryRun ? "These commands would then publish it" : "These commands publish it"}:
${publishing(release, values.image)
  .map((command) => `  ${command}\n`)
  .join("")}`);
}

function publishing({ version, gitTag, imageTags }: Release, image: string): string[] {
  const names = imageTags.map((tag) => `${image}:${tag}`);
  return [
    `git push --atomic origin main ${gitTag}`,
    `npm publish tagrelay-${version}.tgz`,
    `docker build ${names.map((name) => `--tag ${name}`).join(" ")} .`,
    ...names.map((name) => `docker push ${name}`),
  ];
}

function readRepository() {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trimEnd();
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  const { version }: { version: string } = JSON.parse(readFileSync("package.json", "utf8"));
  return {
    branch: git("branch", "--show-current") || "none (a detached HEAD)",
    changed: lines(git("status", "--porcelain")).map((line) => line.slice(3)),
    tags: lines(git("tag", "--list")),
    version,
    changelog: readFileSync("CHANGELOG.md", "utf8"),
  };
}

function makeRelease({ version, gitTag, changelog, notes }: Release): void {
  const run = (command: string, args: string[]) => execFileSync(command, args, { stdio: ["ignore", 2, 2] });
  const before = files.map((file) => readFileSync(file, "utf8"));
  try {
    for (const file of ["package.json", "package-lock.json"]) {
      writeFileSync(file, setVersion(readFileSync(file, "utf8"), version));
    }
    writeFileSync("CHANGELOG.md", changelog);
    // It has to hold before anything is committed.
    run("npm", ["pack"]);
    run("git", ["commit", "--quiet", "--message", `Release ${version}`, ...files]);
  } catch (error) {
    for (const [index, file] of files.entries()) writeFileSync(file, before[index] ?? "");
    throw new UsageError("the release could not be made; the files are as they were before", {
      cause: error,
    });
  }
  run("git", [
    "tag",
    "--annotate",
    "--cleanup=verbatim",
    gitTag,
    "--message",
    `Release ${version}\n\n${notes}\n`,
  ]);
}

function print(text: string): void {
  process.stdout.write(text);
}

process.chdir(join(import.meta.dirname, "../.."));
try {
  main();
} catch (error) {
  const isMistake = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  if (!isMistake) throw error;
  process.stderr.write(`release: ${error.message}\n`);
  process.exitCode = error instanceof UsageError && error.cause !== undefined ? 1 : 2;
}
