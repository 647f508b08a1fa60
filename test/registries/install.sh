#!/usr/bin/env bash
# Installs a real registry (docker-registry), the tools that build and read images (buildah, skopeo) and jq, unless they are
# there. They are Debian's packages, and need no Docker.
set -euo pipefail

missing=()
for tool in docker-registry buildah skopeo jq busybox; do
  if command -v "$tool" >/dev/null; then continue; fi
  if [ "$tool" = busybox ]; then missing+=(busybox-static); else missing+=("$tool"); fi
done
if [ "${#missing[@]}" = 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  echo "npm run test:registries: expected the commands ${missing[*]}, found none, and cannot install them without apt-get and root; install the packages ${missing[*]}" >&2
  exit 1
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
