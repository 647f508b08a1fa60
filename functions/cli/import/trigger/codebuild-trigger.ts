// Writes the trigger that starts a build of AWS CodeBuild, and the projects that the stack creates for it.
import { posix } from "node:path";
import { type BuildPlatform, buildPlatforms } from "../../../../shared/builders/codebuild/build-project.ts";
import { usualPlatform } from "../../../../shared/evidence/stands-on.ts";
import { dockerHub, splitImageName, splitRepository } from "../../../../shared/image/image.ts";
import { ecrRegistryOf } from "../../../../shared/registries/ecr/ecr-registry.ts";
import type { Builds, Imported, ImportedStep } from "../imported.ts";
import type { BuildSettings } from "./build-settings.ts";

type Trigger = NonNullable<ImportedStep["trigger"]>;

/** The name of the project for a repository: `acme/images` → `acme-images`. */
export function projectOf(repository: string): string {
  const name = repository.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^[-_]+/, "");
  return name.slice(0, 140).padEnd(2, "-images");
}

export type CodebuildTrigger = { kind: "trigger"; trigger: Trigger } | { kind: "problem"; problem: string };

export function codebuildTrigger(settings: BuildSettings, repository: string): CodebuildTrigger {
  const { context, file, target, args, contexts, hub } = settings;
  const platforms = platformsOf(settings);
  const foreign = platforms.find((platform) => !isBuilt(platform));
  if (foreign !== undefined) {
    return { kind: "problem", problem: `CodeBuild has no machines for ${foreign}, only for amd64 and arm64` };
  }
  const variables: Record<string, string> = {
    CONTEXT: context,
    FILE: file,
    ...(target === null ? {} : { TARGET: target }),
    ...(args.length === 0 ? {} : { BUILD_ARGS: args.join("\n") }),
    ...(contexts.length === 0 ? {} : { BUILD_CONTEXTS: contexts.join("\n") }),
    PLATFORMS: platforms.join(","),
    ...(hub === undefined || hub.tags.length === 0 ? {} : { TAGS: hub.tags.join("\n") }),
  };
  const ref = hub === undefined ? {} : { ref: hub.source };
  return { kind: "trigger", trigger: { codebuild: { project: projectOf(repository), ...ref, variables } } };
}

function platformsOf({ platforms }: Pick<BuildSettings, "platforms">): string[] {
  return platforms.length === 0 ? ["linux/amd64"] : [...new Set(platforms.map(usualPlatform))];
}

function isBuilt(platform: string): platform is BuildPlatform {
  return buildPlatforms.some((one) => one === platform);
}

/** The projects of the triggers. `repositories` are their sources by the names of the projects. */
export function codebuildProjects(
  { pipelines }: Pick<Imported, "pipelines">,
  repositories: ReadonlyMap<string, string>,
  file: string | null = null,
): Builds {
  const projects = [...repositories].flatMap(([project, github]) => {
    const steps = pipelines.flatMap((pipeline) =>
      pipeline.steps.filter(({ trigger }) => projectIn(trigger) === project),
    );
    if (steps.length === 0) return [];
    const wanted = new Set(steps.flatMap(({ trigger }) => wantedBy(trigger)));
    const platforms = buildPlatforms.filter((platform) => wanted.has(platform));
    const logins = loginsFor(steps.map(({ image }) => image));
    const settings = {
      source: { github },
      ...(platforms.length === buildPlatforms.length ? {} : { platforms }),
      ...(file === null ? {} : { buildspec: posix.normalize(file) }),
      ...(Object.keys(logins).length === 0 ? {} : { logins }),
    };
    return [[project, settings] as const];
  });
  return { codebuild: Object.fromEntries(projects) };
}

function codebuildOf(trigger: ImportedStep["trigger"]) {
  return typeof trigger === "object" && trigger !== null && "codebuild" in trigger ? trigger.codebuild : null;
}

const projectIn = (trigger: ImportedStep["trigger"]) => codebuildOf(trigger)?.project ?? null;
const wantedBy = (trigger: ImportedStep["trigger"]) =>
  (codebuildOf(trigger)?.variables?.PLATFORMS ?? "").split(",");

/** The user is a guess: the namespace, whose access tokens may push. */
function loginsFor(images: readonly string[]): Record<string, { username: string; secret: string }> {
  const found = images.map((image) => splitRepository(splitImageName(image).repository));
  const logins = found
    .filter(({ host }) => ecrRegistryOf(host) === null)
    .map(
      ({ host, path }) => [host, { username: path.split("/")[0] ?? "", secret: secretFor(host) }] as const,
    );
  return Object.fromEntries(logins.toReversed());
}

function secretFor(host: string): string {
  if (host === dockerHub) return "DOCKERHUB_TOKEN";
  const name = host === "ghcr.io" ? "GHCR" : host.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  return `${name}_TOKEN`.replace(/^(?=\d)/, "_");
}

/** What a person has to check. */
export function codebuildNotes({ codebuild }: Builds): string[] {
  return Object.entries(codebuild).flatMap(([project, { source, logins = {} }]) => [
    ...("github" in source
      ? [
          `the project ${project} takes ${source.github} as public; a private one needs a connection in its source`,
        ]
      : []),
    ...Object.entries(logins).map(
      ([host, { username, secret = "" }]) =>
        `the project ${project} pushes to ${host} as ${username}, which is a guess, with the access token in ${secret}`,
    ),
  ]);
}
