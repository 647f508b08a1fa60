#!/usr/bin/env bash
# Builds the Dockerfile without Docker and without Docker Hub: container.sh FOLDER. Its base is made from what is on this machine
# (Node of the packages, npm, busybox, the libraries that they need), and so it is Debian's libc and not Alpine's. The
# image is left in FOLDER/storage as localhost/tagrelay, and as an OCI layout with compressed layers in FOLDER/oci.
set -euo pipefail
folder=$1
node=$2
root=$(cd "$(dirname "$0")/../.." && pwd)

buildah() {
  command buildah --storage-driver vfs --root "$folder/storage" --runroot "$folder/run" "$@"
}

base="$folder/base"
mkdir -p "$base"/{bin,usr/bin,usr/lib/node_modules,etc/ssl/certs,root,tmp}
cp "$(command -v busybox)" "$base/bin/busybox"
for tool in sh mkdir chown chmod rm ln find; do ln -s busybox "$base/bin/$tool"; done
ln -s /bin/busybox "$base/usr/bin/env"
cp "$node" "$base/usr/bin/node"
strip "$base/usr/bin/node" 2>/dev/null || true
for library in $(ldd "$node" "$(command -v busybox)" 2>/dev/null | grep -o '/[^ ]*' | grep -v ':$' | sort -u); do
  mkdir -p "$base$(dirname "$library")"
  cp -L "$library" "$base$library"
done
cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$base/usr/lib/node_modules/npm"
ln -s /usr/lib/node_modules/npm/bin/npm-cli.js "$base/usr/bin/npm"
cat /etc/ssl/certs/ca-certificates.crt ${NODE_EXTRA_CA_CERTS:+"$NODE_EXTRA_CA_CERTS"} >"$base/etc/ssl/certs/ca-certificates.crt"

container=$(buildah from scratch)
buildah copy --quiet "$container" "$base" / >/dev/null
buildah config --env PATH=/usr/local/bin:/usr/bin:/bin --env HOME=/root "$container"
buildah commit --quiet "$container" localhost/base >/dev/null

# The settings of npm on this machine, as a secret that no layer keeps.
npmrc="$folder/npmrc"
cat "$(npm config get userconfig)" >"$npmrc" 2>/dev/null || true
echo "registry=$(npm config get registry)" >>"$npmrc"
echo "cafile=/etc/ssl/certs/ca-certificates.crt" >>"$npmrc"
# --format docker keeps HEALTHCHECK, which OCI's format does not know.
buildah bud --isolation chroot --format docker --build-arg BASE=localhost/base --secret "id=npmrc,src=$npmrc" \
  --ignorefile "$root/.dockerignore" --tag localhost/tagrelay "$root"
buildah push --quiet localhost/tagrelay "oci:$folder/oci:tagrelay"
buildah mount "$(buildah from --name started localhost/tagrelay)" >"$folder/mounted"
buildah inspect --type image localhost/tagrelay >"$folder/image.json"
