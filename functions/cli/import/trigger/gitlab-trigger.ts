// Writes the trigger that starts a pipeline of GitLab, and the job that it runs.
import { Document } from "yaml";
import { dockerHub, splitRepository } from "../../../../shared/image/image.ts";
import type { ImportedStep } from "../imported.ts";
import type { BuildSettings } from "./build-settings.ts";

type Trigger = NonNullable<ImportedStep["trigger"]>;

export function gitlabTrigger(settings: BuildSettings, project: string): Trigger {
  const { context, file, target, args, platforms, contexts } = settings;
  const variables: Record<string, string> = {
    IMAGE: "{image}",
    CONTEXT: context,
    FILE: file,
    ...(target === null ? {} : { TARGET: target }),
    ...(args.length === 0 ? {} : { BUILD_ARGS: args.join("\n") }),
    ...(contexts.length === 0 ? {} : { BUILD_CONTEXTS: contexts.join("\n") }),
    ...(platforms.length === 0 ? {} : { PLATFORMS: platforms.join(",") }),
    RUN: "{run}",
    STEP: "{step}",
    PINS: "{pins}",
  };
  return { gitlab: { project, variables, secret: "GITLAB_TRIGGER_TOKEN" } };
}

/** Each line of a variable becomes a flag with that line. */
export const gitlabScript = `set -- --pull --push --tag "$IMAGE" --file "$FILE"
if [ -n "$TARGET" ]; then set -- "$@" --target "$TARGET"; fi
if [ -n "$PLATFORMS" ]; then set -- "$@" --platform "$PLATFORMS"; fi
while IFS= read -r line; do
  if [ -n "$line" ]; then set -- "$@" --build-arg "$line"; fi
done <<END
$BUILD_ARGS
END
while IFS= read -r line; do
  if [ -n "$line" ]; then set -- "$@" --build-context "$line"; fi
done <<END
$BUILD_CONTEXTS
$PINS
END
docker buildx build "$@" "$CONTEXT"
`;

export function gitlabPipeline(images: readonly string[]): string {
  const hosts = [...new Set(images.map((image) => splitRepository(image).host))];
  const logins = hosts.map(
    (host) =>
      `echo "$REGISTRY_PASSWORD" | docker login --username "$REGISTRY_USERNAME" --password-stdin${host === dockerHub ? "" : ` ${host}`}`,
  );
  const document = new Document({
    image: {
      image: "docker:29",
      services: ["docker:29-dind"],
      timeout: "2h",
      rules: [{ if: '$CI_PIPELINE_SOURCE == "trigger" && $IMAGE' }],
      script: [...logins, "docker buildx create --use", gitlabScript],
    },
  });
  document.commentBefore =
    " Builds and pushes one image. Written by tagrelay import; its trigger passes the variables.";
  return document.toString({ lineWidth: 0 });
}
