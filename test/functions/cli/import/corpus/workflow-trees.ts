// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the files of the trees.
// Trees whose workflows tell what is built.
import type { Tree } from "./tree.ts";

/** A reusable workflow of the same repository builds, and its callers have the matrices. */
const homeAssistant: Tree = {
  like: "home-assistant/docker-base",
  files: {
    "alpine/Dockerfile":
      "ARG ALPINE_VERSION=3.24\nARG BUILD_FROM=alpine:${ALPINE_VERSION}\nFROM ${BUILD_FROM}\n",
    "debian/Dockerfile": "ARG DEBIAN_VERSION=trixie\nFROM debian:${DEBIAN_VERSION}-slim\n",
    "python/3.13/Dockerfile":
      "ARG BASE_IMAGE=ghcr.io/home-assistant/base\nARG BASE_VERSION=3.23\nARG BUILD_FROM=${BASE_IMAGE}:${BASE_VERSION}\nFROM ${BUILD_FROM} AS source\nFROM ${BUILD_FROM}\n",
    "python/3.14/Dockerfile":
      "ARG BASE_IMAGE=ghcr.io/home-assistant/base\nARG BASE_VERSION=3.23\nARG BUILD_FROM=${BASE_IMAGE}:${BASE_VERSION}\nFROM ${BUILD_FROM}\n",
    ".github/workflows/builder.yml": `
jobs:
  init:
    outputs:
      version: \${{ steps.meta.outputs.version }}
  build_alpine:
    strategy:
      matrix:
        alpine_version: ["3.23", "3.24"]
    uses: ./.github/workflows/build-base-image.yml
    with:
      architectures: \${{ needs.init.outputs.architectures }}
      build-args: |
        ALPINE_VERSION=\${{ matrix.alpine_version }}
      context: alpine
      image-name: base
      image-tags: |
        \${{ matrix.alpine_version }}
        \${{ matrix.alpine_version }}-\${{ needs.init.outputs.version }}
        \${{ matrix.alpine_version == needs.init.outputs.alpine_latest && 'latest' || '' }}
      push: \${{ needs.init.outputs.push == 'true' }}
  build_debian:
    strategy:
      matrix:
        debian_version: ["bookworm", "trixie"]
    uses: ./.github/workflows/build-base-image.yml
    with:
      build-args: |
        DEBIAN_VERSION=\${{ matrix.debian_version }}
      context: debian
      image-name: base-debian
      image-tags: |
        \${{ matrix.debian_version }}
  build_python:
    needs: [init, build_alpine]
    strategy:
      matrix:
        alpine_version: ["3.23", "3.24"]
        python_version: ["3.13", "3.14"]
    uses: ./.github/workflows/build-base-image.yml
    with:
      build-args: |
        BASE_IMAGE=ghcr.io/\${{ github.repository_owner }}/base
        BASE_VERSION=\${{ matrix.alpine_version }}
      context: python/\${{ matrix.python_version }}
      image-name: base-python
      image-tags: |
        \${{ matrix.python_version }}-alpine\${{ matrix.alpine_version }}
`,
    ".github/workflows/build-base-image.yml": `
on:
  workflow_call:
    inputs:
      context: { required: true, type: string }
      image-name: { required: true, type: string }
      image-tags: { required: true, type: string }
      build-args: { type: string, default: "" }
jobs:
  build:
    strategy:
      matrix: \${{ fromJSON(needs.prepare.outputs.matrix) }}
    steps:
      - uses: home-assistant/builder/actions/build-image@2026.06.0
        with:
          build-args: \${{ inputs.build-args }}
          context: \${{ inputs.context }}
          image: \${{ matrix.image }}
          image-tags: \${{ inputs.image-tags }}
`,
  },
  order: {
    "base:3.23": [],
    "base:3.24": [],
    "base-debian:bookworm": [],
    "base-debian:trixie": [],
    "base-python:3.13-alpine3.23": ["base:3.23"],
    "base-python:3.13-alpine3.24": ["base:3.24"],
    "base-python:3.14-alpine3.23": ["base:3.23"],
    "base-python:3.14-alpine3.24": ["base:3.24"],
  },
};

const condaForge: Tree = {
  like: "conda-forge/docker-images",
  files: {
    "linux-anvil/Dockerfile":
      "ARG DISTRO_ARCH\nARG DISTRO_NAME\nARG DISTRO_VER\nFROM --platform=linux/${DISTRO_ARCH} ${DISTRO_NAME}:${DISTRO_VER}\n",
    ".github/workflows/ci.yaml": `
jobs:
  build:
    strategy:
      matrix:
        cfg:
          - { DOCKERIMAGE: linux-anvil-x86_64, DOCKERFILE: linux-anvil, DOCKERTAG: cos7, DISTRO_ARCH: amd64, DISTRO_NAME: centos, DISTRO_VER: "7" }
          - { DOCKERIMAGE: linux-anvil-aarch64, DOCKERFILE: linux-anvil, DOCKERTAG: alma9, DISTRO_ARCH: arm64, DISTRO_NAME: almalinux, DISTRO_VER: "9" }
    steps:
      - name: Build
        env:
          DOCKERIMAGE: \${{ matrix.cfg.DOCKERIMAGE }}
          DOCKERFILE: \${{ matrix.cfg.DOCKERFILE }}
          DOCKERTAG: \${{ matrix.cfg.DOCKERTAG }}
        run: |
          docker build --build-arg DISTRO_ARCH=\${{ matrix.cfg.DISTRO_ARCH }} \\
            --build-arg DISTRO_NAME=\${{ matrix.cfg.DISTRO_NAME }} --build-arg DISTRO_VER=\${{ matrix.cfg.DISTRO_VER }} \\
            -t condaforge/\${DOCKERIMAGE}:\${DOCKERTAG} -f \${DOCKERFILE}/Dockerfile .
`,
  },
  order: { "linux-anvil-x86_64:cos7": [], "linux-anvil-aarch64:alma9": [] },
};

/** build-push-action with a matrix, tags by metadata-action, and a family in compose. */
const family: Tree = {
  like: "acme/images",
  files: {
    "images/base/Dockerfile": "FROM debian:bookworm-slim\n",
    "images/python/Dockerfile": "ARG PYTHON=3.13\nFROM ghcr.io/acme/base:latest\n",
    "images/web/Dockerfile":
      "ARG PYTHON=3.13\nFROM ghcr.io/acme/python:${PYTHON} AS build\nFROM build AS slim\nFROM build AS full\n",
    "images/web/Dockerfile.dev": "FROM ghcr.io/acme/web:latest\n",
    ".github/workflows/images.yml": `
env:
  IMAGE: ghcr.io/\${{ github.repository_owner }}
jobs:
  base:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v5
        with:
          images: ghcr.io/acme/base
          tags: |
            type=raw,value=latest
            type=sha
      - uses: docker/build-push-action@v7
        with:
          context: images/base
          push: true
          tags: \${{ steps.meta.outputs.tags }}
          platforms: linux/amd64,linux/arm64
  python:
    strategy:
      matrix:
        python: ["3.12", "3.13"]
        include:
          - python: "3.13"
            latest: true
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: ./images/python
          push: \${{ github.event_name != 'pull_request' }}
          build-args: PYTHON=\${{ matrix.python }}
          tags: |
            ghcr.io/acme/python:\${{ matrix.python }}
            \${{ matrix.latest && 'ghcr.io/acme/python:latest' || '' }}
  web:
    strategy:
      matrix:
        python: ["3.12", "3.13"]
        flavor: [slim, full]
        exclude:
          - { python: "3.12", flavor: full }
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: images/web/Dockerfile
          target: \${{ matrix.flavor }}
          push: true
          build-args: |
            PYTHON=\${{ matrix.python }}
          tags: \${{ format('{0}/web:{1}-{2}', 'ghcr.io/acme', matrix.python, matrix.flavor) }}
`,
    ".github/workflows/pull-request.yml": `
jobs:
  test:
    steps:
      - uses: docker/build-push-action@v7
        with: { context: images/base, load: true, tags: "base:test" }
`,
  },
  order: {
    base: [],
    "python:3.12": ["base"],
    "python:3.13": ["base"],
    "web:3.12-slim": ["python:3.12"],
    "web:3.13-slim": ["python:3.13"],
    "web:3.13-full": ["python:3.13"],
  },
};

export const workflowTrees: Tree[] = [homeAssistant, condaForge, family];
