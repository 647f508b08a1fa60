#!/usr/bin/env bash
# A docker that works with buildah, as there is no Docker engine: the commands that the workflows of tagrelay use. A machine
# has its images in $MACHINE. Images of Docker Hub are at $REGISTRY: $CONTAINERS_REGISTRIES_CONF says so for pulls.
set -euo pipefail

run() { buildah --storage-driver vfs --root "$MACHINE/images" --runroot "$MACHINE/run" "$@"; }
# Where an image is pushed to.
at() {
  local name=${1#index.docker.io/}
  echo "docker://$REGISTRY/${name#docker.io/}"
}

case "$1 ${2:-}" in
  "pull "*) run pull -q "$2" ;;
  "tag "*) run tag "$2" "$3" ;;
  "push "*)
    run push -q --format v2s2 --digestfile "$MACHINE/digest" --tls-verify=false "$2" "$(at "$2")"
    echo "${2##*:}: digest: $(cat "$MACHINE/digest") size: 1"
    ;;
  "build "*)
    shift
    flags=()
    pull=--pull-never
    while [ "$#" -gt 1 ]; do
      case $1 in
        --pull) pull=--pull-always ;;
        *) flags+=("$1") ;;
      esac
      shift
    done
    run bud -q --isolation chroot --timestamp 0 "$pull" "${flags[@]}" "$1"
    ;;
  "buildx imagetools")
    tags=()
    index="index-$RANDOM$RANDOM"
    run manifest create "$index" >/dev/null
    shift 3
    while [ "$#" -gt 0 ]; do
      case $1 in
        --tag) tags+=("$2"); shift ;;
        *) run manifest add --all --tls-verify=false "$index" "$(at "$1")" >/dev/null ;;
      esac
      shift
    done
    for tag in "${tags[@]}"; do run manifest push -q --all --tls-verify=false "$index" "$(at "$tag")"; done
    ;;
  "compose --file")
    # The sut service: its command, in the files of the image.
    command=$(sed -n 's/^ *command: //p' "$3")
    container=$(run from --pull-never "$IMAGE_NAME")
    (cd "$(run mount "$container")" && sh -c "$command")
    ;;
  *) echo "docker.sh: expected a command that workflows use, found $*" >&2; exit 1 ;;
esac
