#!/usr/bin/env bash
# Builds an image from the Dockerfile in images/STEP, pushes it, and notes the beginning and the end in builds.log.
# Each step has its own storage, as if it were built on a machine of its own: it has only what was pushed.
set -euo pipefail
step=$1
image=$2

buildah() {
  command buildah --storage-driver vfs --root "$PWD/storage/$step" --runroot "$PWD/storage/$step.run" "$@"
}

echo "begin $step" >>builds.log
# Without a time of its own, a build from the same files has the same digest.
buildah bud --isolation chroot --timestamp 0 --pull-always --tls-verify=false --authfile auth.json --tag "$image" "images/$step"
buildah push --tls-verify=false --authfile auth.json "$image"
echo "end $step" >>builds.log
