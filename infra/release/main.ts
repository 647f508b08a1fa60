// `npm run release`: makes a release on this machine. Nothing leaves the machine: the commands that publish it are printed.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "../../shared/usage-error.ts";
import {
  buildCommand,
  type Command,
  dryRunCommands,
  findImageBuilder,
  type ImageBuilder,
  type ImageOptions,
  namesOf,
  pushCommands,
} from "./image.ts";
import { planRelease, type Release } from "./plan-release.ts";
import { setVersion } from "./set-version.ts";

const help = `Usage: npm run release -- [VERSION|major|minor|patch] [options]

Makes a release: sets the version, dates the heading in CHANGELOG.md, packs the package, builds the container image, commits and
tags. It publishes nothing, but prints the commands that do. Without a version, the changelog decides: additions and changes
make a minor version, fixes a patch.

  --dry-run               shows all of it, builds the image and removes it, and
                          changes nothing
  --image NAME            the repository of the image (default: tagrelay)
  --no-image              builds no image
  --build-arg NAME=VALUE  for the image, such as another BASE; repeatable
  --npmrc FILE            npm settings for the image, such as another registry

The image is built by docker if its engine answers, or else by buildah.
`;

const files = ["package.json", "package-lock.json", "CHANGELOG.md"] as const;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "dry-run": { type: "boolean", default: false },
      image: { type: "string", default: "tagrelay" },
      "no-image": { type: "boolean", default: false },
      "build-arg": { type: "string", multiple: true, default: [] },
      npmrc: { type: "string" },
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
  const options = { image: values.image, buildArgs: values["build-arg"], npmrc: values.npmrc ?? null };
  const builder = values["no-image"] ? null : findImageBuilder();
  const names = namesOf(options, release.imageTags);
  if (!values["dry-run"])
    makeRelease(release, builder === null ? [] : [buildCommand(builder, names, options)]);
  else if (builder !== null) runAll(dryRunCommands(builder, options), "the image could not be built");
  const image = builder === null ? whyNoImage(values["no-image"]) : `${names.join(" ")} (by ${builder})`;
  print(`${values["dry-run"] ? "It would change, build, commit and tag" : "Changed, built, committed and tagged"} on this machine:
  version         ${release.version} in package.json and package-lock.json
  CHANGELOG.md    ## ${release.version} - ${today}
  package         tagrelay-${release.version}.tgz
  image           ${image}
  git tag         ${release.gitTag}

${values["dry-run"] ? "These commands would then publish it" : "These commands publish it"}:
${publishing(release, builder, options)
  .map((command) => `  ${command.join(" ")}\n`)
  .join("")}`);
}

function whyNoImage(isUnwanted: boolean): string {
  return isUnwanted
    ? "none, because of --no-image"
    : "none: expected docker with its engine, or buildah, found neither";
}

/** Without a builder on this machine, the image is built where it is pushed from. */
function publishing(
  { version, gitTag, imageTags }: Release,
  builder: ImageBuilder | null,
  options: ImageOptions,
): Command[] {
  const names = namesOf(options, imageTags);
  return [
    ["git", "push", "--atomic", "origin", "main", gitTag],
    ["npm", "publish", `tagrelay-${version}.tgz`],
    ...(builder === null ? [buildCommand("docker", names, options)] : []),
    ...pushCommands(builder ?? "docker", names),
  ];
}

function run([program, ...args]: Command): void {
  execFileSync(program, args, { stdio: ["ignore", 2, 2] });
}

function runAll(commands: readonly Command[], problem: string): void {
  try {
    for (const command of commands) run(command);
  } catch (error) {
    throw new UsageError(problem, { cause: error });
  }
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

/** `buildImage` are the commands that do. */
function makeRelease({ version, gitTag, changelog, notes }: Release, buildImage: readonly Command[]): void {
  const before = files.map((file) => readFileSync(file, "utf8"));
  try {
    for (const file of ["package.json", "package-lock.json"]) {
      writeFileSync(file, setVersion(readFileSync(file, "utf8"), version));
    }
    writeFileSync("CHANGELOG.md", changelog);
    // They have to work before anything is committed.
    run(["npm", "pack"]);
    for (const command of buildImage) run(command);
    run(["git", "commit", "--quiet", "--message", `Release ${version}`, ...files]);
  } catch (error) {
    for (const [index, file] of files.entries()) writeFileSync(file, before[index] ?? "");
    throw new UsageError("the release could not be made; the files are as they were before", {
      cause: error,
    });
  }
  const message = `Release ${version}\n\n${notes}\n`;
  run(["git", "tag", "--annotate", "--cleanup=verbatim", gitTag, "--message", message]);
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
