// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Dockerfiles and workflows.
// Trees whose Makefiles, workflows, compose files and scripts tell what is built.
import type { Tree } from "./tree.ts";

const seleniumFrom = (base: string) =>
  `ARG NAMESPACE=selenium\nARG VERSION=latest\nFROM \${NAMESPACE}/${base}:\${VERSION}\nARG AUTHORS\n`;
const seleniumBuild = (folder: string, more: string, name: string) =>
  `\tcd ./${folder} && docker buildx build --platform $(PLATFORMS) $(BUILD_ARGS) $(FROM_IMAGE_ARGS) ${more} -t $(NAME)/${name}:$(TAG_VERSION) .\n`;

/** One Dockerfile gives several images, by a build argument. */
const selenium: Tree = {
  like: "SeleniumHQ/docker-selenium",
  files: {
    "Base/Dockerfile": "FROM ubuntu:noble-20240904.1\n",
    "Hub/Dockerfile": seleniumFrom("base"),
    "NodeBase/Dockerfile": seleniumFrom("base"),
    "NodeChrome/Dockerfile": seleniumFrom("node-base"),
    "NodeFirefox/Dockerfile": seleniumFrom("node-base"),
    "NodeDocker/Dockerfile": seleniumFrom("base"),
    "Standalone/Dockerfile":
      "ARG NAMESPACE=selenium\nARG VERSION=latest\nARG BASE=node-base\nFROM ${NAMESPACE}/${BASE}:${VERSION}\n",
    "StandaloneDocker/Dockerfile": seleniumFrom("node-docker"),
    "Video/Dockerfile":
      "ARG NAMESPACE=linuxserver\nARG BASED_TAG=latest\nFROM $NAMESPACE/ffmpeg:$BASED_TAG\n",
    "tests/Dockerfile": "FROM python:3.11-slim\n",
    Makefile: `NAME := $(or $(NAME),$(NAME),selenium)
CURRENT_DATE := $(shell date '+%Y%m%d')
BUILD_DATE := $(or $(BUILD_DATE),$(BUILD_DATE),$(CURRENT_DATE))
VERSION := $(or $(VERSION),$(VERSION),4.25.0)
TAG_VERSION := $(VERSION)-$(BUILD_DATE)
NAMESPACE := $(or $(NAMESPACE),$(NAMESPACE),$(NAME))
FROM_IMAGE_ARGS := --build-arg NAMESPACE=$(NAMESPACE) --build-arg VERSION=$(TAG_VERSION) --build-arg AUTHORS=$(AUTHORS) --sbom=true --attest type=provenance,mode=max
BUILD_ARGS := $(BUILD_ARGS) --progress plain
PLATFORMS := $(or $(PLATFORMS),$(shell echo $$PLATFORMS),linux/amd64)

all: hub chrome
base: prepare_resources
	cd ./Base && SEL_PASSWD=$(SEL_PASSWD) docker buildx build --platform $(PLATFORMS) $(BUILD_ARGS) --build-arg VERSION=$(BASE_VERSION) \\
	--secret id=SEL_PASSWD --sbom=true -t $(NAME)/base:$(TAG_VERSION) .
hub: base
${seleniumBuild("Hub", "", "hub")}
node_base: base
${seleniumBuild("NodeBase", "--secret id=SEL_PASSWD", "node-base")}
chrome: node_base
	case "$(PLATFORMS)" in *linux/amd64*) \\
	  echo "Google Chrome is only supported on linux/amd64" \\
${seleniumBuild("NodeChrome", "", "node-chrome").replace("\tcd", "\t  && cd").replace(" .\n", " . \\\n")}	  ;; \\
	esac
firefox: node_base
${seleniumBuild("NodeFirefox", "", "node-firefox")}
firefox_dev:
${seleniumBuild("NodeFirefox", "--build-arg FIREFOX_VERSION=nightly-latest", "node-firefox").replace("$(TAG_VERSION) .", "dev .")}
docker: base
${seleniumBuild("NodeDocker", "", "node-docker")}
standalone_docker: docker
${seleniumBuild("StandaloneDocker", "", "standalone-docker")}
standalone_firefox: firefox
${seleniumBuild("Standalone", "--build-arg BASE=node-firefox", "standalone-firefox")}
standalone_chrome: chrome
${seleniumBuild("Standalone", "--build-arg BASE=node-chrome", "standalone-chrome")}
video:
	cd ./Video && docker buildx build --platform $(PLATFORMS) --build-arg NAMESPACE=linuxserver --build-arg BASED_TAG=version-7.1-cli -t $(NAME)/video:ffmpeg-7.1-$(BUILD_DATE) .
`,
  },
  order: {
    base: [],
    hub: ["base"],
    "node-base": ["base"],
    "node-chrome": ["node-base"],
    "node-firefox": ["node-base"],
    "node-firefox:dev": ["node-base"],
    "node-docker": ["base"],
    "standalone-docker": ["node-docker"],
    "standalone-firefox": ["node-firefox"],
    "standalone-chrome": ["node-chrome"],
    video: [],
  },
};

const rosDistros: [string, string][] = [
  ["humble", "jammy"],
  ["jazzy", "noble"],
  ["kilted", "noble"],
];
const rosImages: [string, string][] = [
  ["ros-core", "ubuntu:OS"],
  ["ros-base", "ros:DISTRO-ros-core-OS"],
  ["perception", "ros:DISTRO-ros-base-OS"],
  ["desktop", "ros:DISTRO-ros-base-OS"],
  ["desktop-full", "osrf/ros:DISTRO-desktop-OS"],
];

/** Each distribution has a Makefile; the oldest has only folders. */
const osrf: Tree = {
  like: "osrf/docker_images",
  files: Object.fromEntries([
    ...[...rosDistros, ["iron", "jammy"] as const].flatMap(([distro, os]) =>
      rosImages.map(([name, base]) => [
        `ros/${distro}/ubuntu/${os}/${name}/Dockerfile`,
        `FROM ${base.replace("DISTRO", distro).replace("OS", os)}\n`,
      ]),
    ),
    ...rosDistros.map(([distro, os]) => [
      `ros/${distro}/ubuntu/${os}/Makefile`,
      `build:\n${rosImages.map(([name]) => `\t@docker build --tag=${name.startsWith("desktop") ? "osrf/" : ""}ros:${distro}-${name}-${os}\t\t${name}/.`).join("\n")}\n\t# @docker build --tag=osrf/ros:${distro}-simulation-${os} simulation/.\n`,
    ]),
    ["gazebo/11/ubuntu/focal/gzserver11/Dockerfile", "FROM ubuntu:focal\n"],
    ["gazebo/11/ubuntu/focal/libgazebo11/Dockerfile", "FROM gazebo:gzserver11-focal\n"],
  ]),
  order: Object.fromEntries([
    ...rosDistros.flatMap(([distro, os]): [string, string[]][] =>
      rosOrder((name) => `ros:${distro}-${name}-${os}`),
    ),
    ...rosOrder((name) => `ros:iron-ubuntu-jammy-${name}`),
    ["gazebo:11-ubuntu-focal-gzserver11", []],
    ["gazebo:11-ubuntu-focal-libgazebo11", ["gazebo:11-ubuntu-focal-gzserver11"]],
  ]),
};

function rosOrder(tag: (name: string) => string): [string, string[]][] {
  return [
    [tag("ros-core"), []],
    [tag("ros-base"), [tag("ros-core")]],
    [tag("perception"), [tag("ros-base")]],
    [tag("desktop"), [tag("ros-base")]],
    [tag("desktop-full"), [tag("desktop")]],
  ];
}

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

const pytorch: Tree = {
  like: "pytorch/pytorch",
  files: {
    Dockerfile:
      "ARG BASE_IMAGE=ubuntu:22.04\nARG PYTHON_VERSION=3.11\nFROM ${BASE_IMAGE} as dev-base\nFROM dev-base as conda\nFROM ${BASE_IMAGE} as official\nFROM official as dev\nCOPY --from=conda /opt/conda /opt/conda\n",
    "docker.Makefile": `DOCKER_REGISTRY ?= docker.io
DOCKER_ORG ?= $(shell docker info 2>/dev/null | sed '/Username:/!d;s/.* //')
DOCKER_IMAGE ?= pytorch
DOCKER_FULL_NAME = $(DOCKER_REGISTRY)/$(DOCKER_ORG)/$(DOCKER_IMAGE)
BUILD_ARGS = --build-arg BASE_IMAGE=$(BASE_IMAGE) --build-arg PYTHON_VERSION=3.11
DOCKER_BUILD = docker build --progress=plain --target $(BUILD_TYPE) -t $(DOCKER_FULL_NAME):$(DOCKER_TAG) $(BUILD_ARGS) .

.PHONY: devel-image
devel-image: BASE_IMAGE := ubuntu:22.04
devel-image: BUILD_TYPE := dev
devel-image: DOCKER_TAG := 2.9-devel
devel-image:
	$(DOCKER_BUILD)

runtime-image: BASE_IMAGE := ubuntu:22.04
runtime-image: BUILD_TYPE := official
runtime-image: DOCKER_TAG := 2.9-runtime
runtime-image:
	$(DOCKER_BUILD)
`,
    ".devcontainer/Dockerfile": "FROM mcr.microsoft.com/vscode/devcontainers/miniconda:0-3\n",
  },
  order: { "pytorch:2.9-devel": [], "pytorch:2.9-runtime": [] },
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

const compose: Tree = {
  like: "acme/shop",
  files: {
    "base/Dockerfile": "FROM node:24\n",
    "api/Dockerfile": "ARG BASE=shop/base\nFROM ${BASE}\n",
    "web/Dockerfile": "FROM shop/base AS build\nFROM nginx\nCOPY --from=build /x /x\n",
    "worker.Dockerfile": "FROM shop/api:latest\n",
    "compose.yaml": `services:
  base: { image: shop/base, build: ./base }
  api: { image: shop/api, build: { context: ./api, args: { BASE: shop/base } } }
  web: { image: "shop/web:\${TAG:-1}", build: { context: web } }
  worker: { image: shop/worker, build: { context: ., dockerfile: worker.Dockerfile } }
  db: { image: postgres:17 }
`,
  },
  order: { base: [], api: ["base"], "web:1": ["base"], worker: ["api"] },
};

/** One Dockerfile with a stage for each service, and no image named. */
const stages: Tree = {
  like: "acme/monolith",
  files: {
    Dockerfile: "FROM node:24 AS base\nFROM base AS api\nFROM base AS worker\n",
    "proxy/Dockerfile": "FROM nginx:1\n",
    "docker-compose.yml": `services:
  api: { build: { context: ., target: api } }
  worker: { build: { context: ., target: worker } }
  proxy: { build: ./proxy }
`,
  },
  order: { api: [], worker: [], proxy: [] },
};

const scripts: Tree = {
  like: "acme/toolbox",
  files: {
    "images/base/Dockerfile": "FROM alpine\n",
    "images/git/Dockerfile": "FROM registry.example.org/tools/base\n",
    "images/make/Dockerfile": "FROM registry.example.org/tools/git\n",
    "build.sh":
      '#!/bin/sh\nREGISTRY=registry.example.org/tools\nVERSION=$(git describe)\nfor name in base git make; do\n  docker build -t "$REGISTRY/$name:$VERSION" images/$name\n  docker push "$REGISTRY/$name:$VERSION"\ndone\n',
  },
  order: { base: [], git: ["base"], make: ["git"] },
};

const voidDocker: Tree = {
  like: "maddouri/void-docker",
  files: {
    "init/Dockerfile": "FROM scratch\nADD rootfs.tar.xz /\n",
    "step-1/Dockerfile": "FROM maddouri/void-docker:init\n",
    "latest/Dockerfile": "FROM maddouri/void-docker:step-1\n",
    "config.py":
      "userName = 'maddouri'\nrepoName = 'void-docker'\ntagSequence = ['init', 'step-1', 'latest']\ntriggerScheduling = {'trigger': 'cron', 'hour': 3}\n",
  },
  order: {
    "void-docker:init": [],
    "void-docker:step-1": ["void-docker:init"],
    "void-docker": ["void-docker:step-1"],
  },
};

const imagesJson: Tree = {
  like: "corpusops/setups.elasticsearch",
  files: {
    ".docker/IMAGES.json": JSON.stringify({
      images: [
        { file: "packer/debian.json", name: "base", builder_type: "packer" },
        {
          tag: "corpusops/elasticsearch:5.4.0",
          builder_type: "docker",
          extra_args: "--build-arg V={img_parts[tag]}",
        },
        { tag: "corpusops/kibana", version: "5.4.0", file: "Dockerfile.kibana", builder_type: "dockerfile" },
      ],
    }),
    ".docker/packer/debian.json": "{}",
    Dockerfile: "ARG V=1\nFROM debian\n",
    ".docker/dockerfile/Dockerfile.kibana": "FROM corpusops/elasticsearch:5.4.0\n",
  },
  order: { "base:debian": [], "elasticsearch:5.4.0": [], "kibana:5.4.0": ["elasticsearch:5.4.0"] },
};

export const buildTrees: Tree[] = [
  ...[selenium, osrf, homeAssistant, pytorch, condaForge, family],
  ...[compose, stages, scripts, voidDocker, imagesJson],
];
