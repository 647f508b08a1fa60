// The shell script that a project of `builds: codebuild` runs. All that differs between builds comes from the environment.

/** The variables that a trigger sets for this script, beside those that every build gets. */
export const buildVariables = [
  "CONTEXT",
  "FILE",
  "TARGET",
  "BUILD_ARGS",
  "BUILD_CONTEXTS",
  "PLATFORMS",
  "TAGS",
];

/** Where the script leaves the digest, which a helper exports. */
export const digestFile = "/tmp/tagrelay-digest";

/**
 * The platform of this machine is built here, and the other one by a helper: a second project on the other kind of machine. Both
 * push by digest alone, so that the tags move once, to an index of both.
 */
export const buildScript = `set -euo pipefail

fail() { echo "tagrelay: $*" >&2; exit 1; }

image=\${TAGRELAY_IMAGE:-}
if [ -z "$image" ]; then fail "expected TAGRELAY_IMAGE, found none: Tagrelay starts these builds"; fi
repository=\${image%:*}
context=\${CONTEXT:-.}
case $(uname -m) in
  x86_64) machine=linux/amd64 ;;
  aarch64 | arm64) machine=linux/arm64 ;;
  *) fail "expected a machine of amd64 or arm64, found $(uname -m)" ;;
esac

helper_id=
watcher=
clean_up() {
  if [ -n "$watcher" ]; then kill "$watcher" 2> /dev/null || true; fi
  if [ -n "$helper_id" ]; then aws codebuild stop-build --id "$helper_id" > /dev/null || true; fi
}
trap clean_up EXIT

# Which platforms are built here, and which by the helper.
here=no
other=
IFS=, read -ra platforms <<< "\${PLATFORMS:-$machine}"
for platform in "\${platforms[@]}"; do
  if [ "$platform" = "$machine" ]; then
    here=yes
  elif [ -n "\${TAGRELAY_HELPER:-}" ] && [ "$platform" = "$TAGRELAY_HELPER_PLATFORM" ]; then
    other=$platform
  else
    fail "expected PLATFORMS that this project builds ($machine\${TAGRELAY_HELPER:+ and $TAGRELAY_HELPER_PLATFORM}), found $platform"
  fi
done

# Each line of TAGRELAY_LOGINS: a host, and for all but ECR a user and the name of the variable with the password.
while read -r host username password; do
  if [ -z "$host" ]; then continue; fi
  if [ -z "$username" ]; then
    region=\${host#*.dkr*ecr*.}
    aws ecr get-login-password --region "\${region%%.*}" | docker login --username AWS --password-stdin "$host"
  elif [ "$host" = docker.io ]; then
    printf %s "\${!password}" | docker login --username "$username" --password-stdin
  else
    printf %s "\${!password}" | docker login --username "$username" --password-stdin "$host"
  fi
done <<< "\${TAGRELAY_LOGINS:-}"

# The helper builds the same commit, with the same variables.
if [ -n "$other" ]; then
  variables=$(jq --null-input --arg platform "$other" '
    ["TAGRELAY_IMAGE", "TAGRELAY_PINS", "CONTEXT", "FILE", "TARGET", "BUILD_ARGS", "BUILD_CONTEXTS"] as $names |
    [$ENV | to_entries[] | select(.key | IN($names[])) | {name: .key, value, type: "PLAINTEXT"}] +
    [{name: "PLATFORMS", value: $platform}, {name: "TAGRELAY_STARTED_BY", value: env.CODEBUILD_BUILD_ID}]')
  version=\${CODEBUILD_RESOLVED_SOURCE_VERSION:-\${CODEBUILD_SOURCE_VERSION:-}}
  # Of a source in S3, this may be the name of the object.
  case $version in arn:*) version= ;; esac
  helper_id=$(aws codebuild start-build --project-name "$TAGRELAY_HELPER" --environment-variables-override "$variables" \\
    \${version:+--source-version "$version"} --query build.id --output text)
  echo "tagrelay: $helper_id builds $other"
fi

status_of() { aws codebuild batch-get-builds --ids "$1" --output json; }

# A helper ends with the build that has started it, even if that was stopped.
if [ -n "\${TAGRELAY_STARTED_BY:-}" ]; then
  while sleep "\${TAGRELAY_POLL_SECONDS:-20}"; do
    status=$(status_of "$TAGRELAY_STARTED_BY" | jq --raw-output '.builds[0].buildStatus') || continue
    if [ "$status" != IN_PROGRESS ]; then kill $$; fi
  done > /dev/null 2>&1 &
  watcher=$!
fi

sources=()
if [ $here = yes ]; then
  arguments=(--pull --platform "$machine" --file "\${FILE:-$context/Dockerfile}" --provenance mode=max)
  if [ -n "\${TARGET:-}" ]; then arguments+=(--target "$TARGET"); fi
  while IFS= read -r line; do
    if [ -n "$line" ]; then arguments+=(--build-arg "$line"); fi
  done <<< "\${BUILD_ARGS:-}"
  while IFS= read -r line; do
    if [ -n "$line" ]; then arguments+=(--build-context "$line"); fi
  done <<< "\${BUILD_CONTEXTS:-}
\${TAGRELAY_PINS:-}"
  metadata=$(mktemp)
  arguments+=(--output "type=image,name=$repository,push-by-digest=true,name-canonical=true,push=true" --metadata-file "$metadata")
  # Docker's own builder cannot push by digest.
  docker buildx create --use > /dev/null
  docker buildx build "\${arguments[@]}" "$context"
  digest=$(jq --raw-output '."containerimage.digest"' "$metadata")
  sources+=("$repository@$digest")
  printf %s "$digest" > "$TAGRELAY_DIGEST_FILE"
fi

if [ -n "\${TAGRELAY_STARTED_BY:-}" ]; then exit; fi

while [ -n "$helper_id" ]; do
  build=$(status_of "$helper_id" | jq '.builds[0]') || build='{}'
  case $(jq --raw-output '.buildStatus // "UNKNOWN"' <<< "$build") in
    SUCCEEDED)
      digest=$(jq --raw-output 'first(.exportedEnvironmentVariables[]? | select(.name == "DIGEST") | .value) // ""' <<< "$build")
      if [ -z "$digest" ]; then fail "expected a digest from $helper_id, found none"; fi
      sources+=("$repository@$digest")
      helper_id=
      ;;
    IN_PROGRESS | UNKNOWN) sleep "\${TAGRELAY_POLL_SECONDS:-20}" ;;
    *)
      failed=$helper_id
      helper_id=
      fail "$failed, which builds $other, ended with $(jq --raw-output .buildStatus <<< "$build"): $(jq --raw-output '.logs.deepLink // ""' <<< "$build")"
      ;;
  esac
done

# One push, which has all platforms.
tags=()
IFS=, read -ra names <<< "\${TAGRELAY_TAGS:-$image}"
for name in "\${names[@]}"; do tags+=(--tag "$name"); done
while IFS= read -r tag; do
  if [ -n "$tag" ]; then tags+=(--tag "$repository:$tag"); fi
done <<< "\${TAGS:-}"
docker buildx imagetools create "\${tags[@]}" "\${sources[@]}"
`;
