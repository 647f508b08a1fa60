// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the files of the trees.
// Trees whose Makefiles tell what is built.
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

/** Dockerfiles that a Makefile makes of others, on a base in the root folder. */
const dockcross: Tree = {
  like: "dockcross/dockcross",
  files: {
    "Dockerfile.in": 'ARG DOCKER_IMAGE=debian:bookworm-slim\nFROM $DOCKER_IMAGE\n#include "common.docker"\n',
    "linux-arm64/Dockerfile.in": "ARG ORG=dockcross\nFROM ${ORG}/base:latest\n",
    "linux-x86/Dockerfile.in": "ARG ORG=dockcross\nFROM ${ORG}/base:latest\n",
    "web-wasm/Dockerfile": "ARG ORG=dockcross\nFROM ${ORG}/base:latest\n",
    Makefile: `DOCKER := $(or $(OCI_EXE), docker)
BUILD_CMD := $(or $(BUILD_CMD), build)
TAG_FLAG := $(or $(TAG_FLAG), --tag)
TAG := $(shell date '+%Y%m%d')-$(shell git rev-parse --short HEAD)
ORG = dockcross
STANDARD_IMAGES = linux-arm64 linux-x86
BUILD_DOCKER := $(DOCKER)
base: Dockerfile imagefiles/
\t$(BUILD_DOCKER) $(BUILD_CMD) $(TAG_FLAG) $(ORG)/base:latest \\
\t\t$(TAG_FLAG) $(ORG)/base:$(TAG) \\
\t\t--build-arg VCS_URL=\`git config --get remote.origin.url\` \\
\t\t.
$(STANDARD_IMAGES): %: %/Dockerfile base
\tmkdir -p $@/imagefiles && cp -r imagefiles $@/
\t$(BUILD_DOCKER) $(BUILD_CMD) $(TAG_FLAG) $(ORG)/$@:latest --build-arg ORG=$(ORG) $@
web-wasm: base
\tcd web-wasm && $(BUILD_DOCKER) $(BUILD_CMD) $(TAG_FLAG) $(ORG)/web-wasm:latest .
`,
  },
  order: { base: [], "linux-arm64": ["base"], "linux-x86": ["base"], "web-wasm": ["base"] },
};

export const makefileTrees: Tree[] = [selenium, osrf, pytorch, dockcross];
