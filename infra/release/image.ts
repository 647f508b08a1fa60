// The container image of a release: what builds it on this machine, and the commands that build, remove and push it.
import { spawnSync } from "node:child_process";

export type ImageBuilder = "docker" | "buildah";

export type ImageOptions = {
  /** The repository. */
  image: string;
  /** `NAME=VALUE`, such as another base. */
  buildArgs: readonly string[];
  /** A file with npm settings for the build, which no layer keeps. */
  npmrc: string | null;
};

export type Command = [program: string, ...args: string[]];

const dryRunTag = "dry-run";

/** Docker if its engine answers, or else buildah; null if there is neither. */
export function findImageBuilder(): ImageBuilder | null {
  const works = (program: string, arg: string) =>
    spawnSync(program, [arg], { stdio: "ignore", timeout: 10_000 }).status === 0;
  // The command docker may be there without an engine.
  if (works("docker", "info")) return "docker";
  return works("buildah", "version") ? "buildah" : null;
}

export function namesOf({ image }: ImageOptions, tags: readonly string[]): string[] {
  return tags.map((tag) => `${image}:${tag}`);
}

export function buildCommand(
  builder: ImageBuilder,
  names: readonly string[],
  options: ImageOptions,
): Command {
  const { buildArgs, npmrc } = options;
  return [
    // OCI's own format does not know HEALTHCHECK.
    ...(builder === "docker"
      ? (["docker", "build"] as const)
      : (["buildah", "build", "--format", "docker"] as const)),
    ...names.flatMap((name) => ["--tag", name]),
    ...buildArgs.flatMap((arg) => ["--build-arg", arg]),
    ...(npmrc === null ? [] : ["--secret", `id=npmrc,src=${npmrc}`]),
    ".",
  ];
}

/** Builds an image that shows whether the Dockerfile is right, and removes it. */
export function dryRunCommands(builder: ImageBuilder, options: ImageOptions): Command[] {
  const names = namesOf(options, [dryRunTag]);
  return [buildCommand(builder, names, options), [builder, "rmi", ...names]];
}

export function pushCommands(builder: ImageBuilder, names: readonly string[]): Command[] {
  return names.map((name) => [builder, "push", name]);
}
