// Writes the trigger that starts a pipeline of GitLab, and the job that it runs.
import { Document } from "yaml";
import { dockerHub, splitRepository } from "../../../../shared/image/image.ts";
import type { ImportedStep } from "../imported.ts";
import type { BuildSettings } from "./build-settings.ts";

type Trigger = NonNullable<ImportedStep["trigger"]>;

/** `ref` is the branch that the pipeline is on. */
export function gitlabTrigger(settings: BuildSettings, project: string, ref = "main"): Trigger {
  const { context, file, target, args, platforms, contexts, hub } = settings;
  const variables: Record<string, string> = {
    IMAGE: "{image}",
    CONTEXT: context,
    FILE: file,
    ...(target === null ? {} : { TARGET: target }),
    ...(args.length === 0 ? {} : { BUILD_ARGS: args.join("\n") }),
    ...(contexts.length === 0 ? {} : { BUILD_CONTEXTS: contexts.join("\n") }),
    ...(platforms.length === 0 ? {} : { PLATFORMS: platforms.join(",") }),
    ...(hub === undefined ? {} : { SOURCE: hub.source }),
    ...(hub === undefined || hub.tags.length === 0 ? {} : { TAGS: hub.tags.join("\n") }),
    RUN: "{run}",
    STEP: "{step}",
    PINS: "{pins}",
  };
  const place = { project, ...(ref === "main" ? {} : { ref }) };
  return { gitlab: { ...place, variables, secret: "GITLAB_TRIGGER_TOKEN" } };
}

/** The jobs of a trigger have the files of its branch; an image may be built from another one. */
const sourceScript = `if [ -n "$SOURCE" ]; then
  git fetch --depth 1 origin "$SOURCE"
  git checkout --quiet FETCH_HEAD
fi
`;

const emulate = "docker run --privileged --rm tonistiigi/binfmt --install all";

/** Each line of a variable becomes a flag with that line. */
export const gitlabScript = `set -- --pull --push --tag "$IMAGE" --file "$FILE"
if [ -n "$TARGET" ]; then set -- "$@" --target "$TARGET"; fi
if [ -n "$PLATFORMS" ]; then set -- "$@" --platform "$PLATFORMS"; fi
while IFS= read -r line; do
  if [ -n "$line" ]; then set -- "$@" --tag "\${IMAGE%:*}:$line"; fi
done <<END
$TAGS
END
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

export function gitlabPipeline(images: readonly string[], command = "import"): string {
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
      script: [...logins, sourceScript, emulate, "docker buildx create --use", gitlabScript],
    },
  });
  document.commentBefore = ` Builds and pushes one image. Written by tagrelay ${command}; its trigger passes the variables.`;
  return document.toString({ lineWidth: 0 });
}
