// The shell parts of the workflow for GitHub. They take all that differs from the environment, never from an expression.

/** Which runner builds each platform. GitHub has runners for amd64 and arm64; the others are emulated. */
export const planScript = `jq --null-input --raw-output --arg image "$IMAGE" --arg platforms "\${PLATFORMS:-linux/amd64}" '
  [$platforms | split(",")[] | select(. != "") | {
    platform: .,
    name: gsub("/"; "-"),
    runner: (if startswith("linux/arm") then "ubuntu-24.04-arm" else "ubuntu-24.04" end),
    emulated: (test("^linux/(amd64(/v[1-4])?|386|arm64(/v8)?)$") | not)
  }] as $builds |
  "repository=\\($image | sub(":[^:/]*$"; ""))",
  "key=\\($image | gsub("[^A-Za-z0-9-]"; "_"))",
  "builds=\\($builds)"' >> "$GITHUB_OUTPUT"
`;

/** A digest is kept as the name of an empty file. */
export const keepScript = `mkdir -p "$DIGESTS"
touch "$DIGESTS/\${DIGEST#sha256:}"
`;

/** Points all tags to one index of the platforms. */
export const indexScript = `tags=(--tag "$IMAGE")
while IFS= read -r tag; do
  if [ -n "$tag" ]; then tags+=(--tag "$REPOSITORY:$tag"); fi
done <<< "$TAGS"
sources=()
for file in "$DIGESTS"/*; do sources+=("$REPOSITORY@sha256:\${file##*/}"); done
docker buildx imagetools create "\${tags[@]}" "\${sources[@]}"
`;

/** The environment that Docker Hub gives to hooks and tests; later steps have it, too. */
export const hubEnvironmentScript = `end="end-$RANDOM$RANDOM"
name=$REPOSITORY
if [[ ! $name =~ ^[^/]*[.:][^/]*/ ]]; then name=index.docker.io/$name; fi
{
  while IFS= read -r line; do
    if [ -n "$line" ]; then echo "$line"; fi
  done <<< "$VARIABLES"
  echo "SOURCE_BRANCH=\${SOURCE:-$GITHUB_REF_NAME}"
  echo "SOURCE_COMMIT=$(git rev-parse HEAD)"
  echo "COMMIT_MSG<<$end"
  git log -1 --format=%B
  echo "$end"
  echo "DOCKER_REPO=$name"
  echo "DOCKER_TAG=\${IMAGE##*:}"
  echo "IMAGE_NAME=$name:\${IMAGE##*:}"
  echo "DOCKERFILE_PATH=\${FILE##*/}"
} >> "$GITHUB_ENV"
`;

/** Beside the Dockerfile, as on Docker Hub. Git may have lost that they can be executed. */
const runHooks = `cd "$(dirname "$FILE")"
run_hooks() {
  for hook in "$@"; do
    if [ -f "hooks/$hook" ]; then
      chmod +x "hooks/$hook"
      "./hooks/$hook"
    fi
  done
}
`;

export const beforeBuildScript = `${runHooks}run_hooks post_checkout pre_build
`;

/**
 * A hook builds from what it finds: it is handed the bases of this run under their usual names. Its image is pushed under a
 * tag of its platform, as only that tells its digest.
 */
export const buildHookScript = `${runHooks}while IFS= read -r pin; do
  if [ -n "$pin" ]; then
    docker pull "\${pin#*=docker-image://}"
    docker tag "\${pin#*=docker-image://}" "\${pin%%=docker-image://*}"
  fi
done <<< "$PINS"
run_hooks build
docker tag "$IMAGE_NAME" "$IMAGE-$PLATFORM_NAME"
digest=$(docker push "$IMAGE-$PLATFORM_NAME" | sed -n 's/.*digest: \\(sha256:[0-9a-f]*\\).*/\\1/p')
if [ -z "$digest" ]; then
  echo "expected hooks/build to make $IMAGE_NAME, found no digest after its push" >&2
  exit 1
fi
echo "digest=$digest" >> "$GITHUB_OUTPUT"
`;

const testScript = `run_hooks post_build pre_test
if [ -f hooks/test ]; then
  run_hooks test
else
  for file in *[.-]test.yml; do
    if [ -f "$file" ]; then docker compose --file "$file" run --rm sut; fi
  done
fi
run_hooks post_test
`;

/** The image has a digest, but no tag yet: whatever fails here leaves the tag as it was. */
export const afterBuildScript = `docker pull "$REPOSITORY@$DIGEST"
docker tag "$REPOSITORY@$DIGEST" "$IMAGE_NAME"
${runHooks}${testScript}run_hooks pre_push
`;

export const afterPushScript = `docker pull "$IMAGE"
docker tag "$IMAGE" "$IMAGE_NAME"
${runHooks}run_hooks post_push
`;

/** Builds and tests without a push, as Docker Hub's autotests of pull requests do. */
export const autotestScript = `args=()
while IFS= read -r arg; do
  if [ -n "$arg" ]; then args+=(--build-arg "$arg"); fi
done <<< "$ARGS"
folder=$PWD
${runHooks}run_hooks post_checkout pre_build
if [ -f hooks/build ]; then
  run_hooks build
else
  docker build --pull --tag "$IMAGE_NAME" --file "$folder/$FILE" "\${args[@]}" "$folder/$CONTEXT"
fi
${testScript}`;
