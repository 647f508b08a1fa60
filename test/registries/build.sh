#!/usr/bin/env bash
# Builds an image from the Dockerfile in images/STEP, pushes it, and notes the beginning and the end in builds.log.
# Each step has its own storage, as if it were built on a machine of its own: it has only what was pushed.
# A step that the file `stale` names does not pull, so that it may build from an older base of its storage.
set -euo pipefail
step=$1
image=$2
pins=${3:-}

pull=--pull-always
if grep -qsx "$step" stale; then pull=--pull=false; fi
contexts=()
while IFS= read -r pin; do
  if [ -n "$pin" ]; then contexts+=(--build-context "$pin"); fi
done <<<"$pins"

buildah() {
  command buildah --storage-driver vfs --root "$PWD/storage/$step" --runroot "$PWD/storage/$step.run" "$@"
}

echo "begin $step" >>builds.log
# Without a time of its own, a build from the same files has the same digest.
buildah bud --isolation chroot --timestamp 0 "$pull" "${contexts[@]}" --tls-verify=false --authfile auth.json --tag "$image" "images/$step"
buildah push --tls-verify=false --authfile auth.json "$image"
echo "end $step" >>builds.log
