// Compiles `codebuild` into the projects that the stack creates.
import {
  type BuildLogin,
  type BuildProject,
  type BuildSource,
  buildPlatforms,
  defaultComputeType,
} from "../builders/codebuild/build-project.ts";
import type { BuildSettings } from "../builders/codebuild/build-settings.ts";
import { registryOf } from "../image/image.ts";
import type { Config, Pipeline } from "../pipeline/pipeline.ts";
import type { Report } from "./report.ts";

type ProjectSettings = BuildSettings["codebuild"][string];
type LoginSettings = NonNullable<ProjectSettings["logins"]>[string];

export function compileBuilds(builds: BuildSettings, logins: Config["logins"]): BuildProject[] {
  return Object.entries(builds.codebuild).map(([name, settings]) => ({
    name,
    source: sourceOf(settings.source),
    platforms: [...new Set(settings.platforms ?? buildPlatforms)],
    logins: settings.logins === undefined ? logins.map(ofRegistry) : loginsOf(settings.logins),
    buildspec: settings.buildspec ?? null,
    computeType: settings.computeType ?? defaultComputeType,
  }));
}

function sourceOf(source: ProjectSettings["source"]): BuildSource {
  if ("s3" in source) {
    const at = source.s3.indexOf("/");
    return { kind: "s3", bucket: source.s3.slice(0, at), key: source.s3.slice(at + 1) };
  }
  const { github: repository, connection = null, branch = null } = source;
  return { kind: "github", repository, connection, branch };
}

const ofRegistry = ({ registry, username, secret }: Config["logins"][number]): BuildLogin => ({
  registry,
  username,
  password: { kind: "secret", name: secret },
});

function loginsOf(logins: Readonly<Record<string, LoginSettings>>): BuildLogin[] {
  return Object.entries(logins).map(([host, { username, secret, secretsManager }]) => ({
    registry: registryOf(host),
    username,
    password: secret === undefined ? managed(secretsManager ?? "") : { kind: "secret", name: secret },
  }));
}

/** The ARN of a secret has six colons, and a seventh before a key. */
function managed(text: string): BuildLogin["password"] {
  const parts = text.split(":");
  const key = parts[7] ?? null;
  return { kind: "secretsManager", arn: parts.slice(0, 7).join(":"), key };
}

/** What the grammar cannot say. */
export function reportBuilds(builds: BuildSettings, pipelines: readonly Pipeline[], report: Report): void {
  const named = new Set(
    pipelines.flatMap(({ steps }) =>
      steps.flatMap(({ trigger }) => (trigger.kind === "codebuild" ? [trigger.project] : [])),
    ),
  );
  for (const [name, { logins = {} }] of Object.entries(builds.codebuild)) {
    const path = [name];
    if (!named.has(name)) {
      const found = named.size === 0 ? "none" : `only ${[...named].join(", ")}`;
      report(path, `expected a trigger such as { codebuild: { project: ${name} } }, found ${found}`);
    }
    for (const [host, { secret, secretsManager }] of Object.entries(logins)) {
      if ((secret === undefined) === (secretsManager === undefined)) {
        report([...path, "logins", host], "expected either `secret` or `secretsManager`");
      }
    }
  }
}
