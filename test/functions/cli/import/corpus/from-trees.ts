// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Dockerfiles.
// Trees whose FROM lines and folders tell what is built.
import type { Tree } from "./tree.ts";

const notebook = (base: string) =>
  `ARG REGISTRY=quay.io\nARG OWNER=jupyter\nARG BASE_IMAGE=$REGISTRY/$OWNER/${base}\nFROM $BASE_IMAGE\n`;

const dockerStacks: Tree = {
  like: "jupyter/docker-stacks",
  files: {
    "images/docker-stacks-foundation/Dockerfile":
      "ARG ROOT_IMAGE=default_root_image\nFROM ubuntu:24.04@sha256:5616 AS default_root_image\nFROM $ROOT_IMAGE\n",
    "images/base-notebook/Dockerfile": notebook("docker-stacks-foundation"),
    "images/minimal-notebook/Dockerfile": notebook("base-notebook"),
    "images/scipy-notebook/Dockerfile": notebook("minimal-notebook"),
    "images/r-notebook/Dockerfile": notebook("minimal-notebook"),
    "images/pytorch-notebook/Dockerfile": notebook("scipy-notebook"),
    "images/pytorch-notebook/cuda12/Dockerfile": notebook("scipy-notebook"),
    "images/pyspark-notebook/Dockerfile": notebook("scipy-notebook"),
    "images/all-spark-notebook/Dockerfile": notebook("pyspark-notebook"),
    "examples/make-deploy/Dockerfile": "FROM quay.io/jupyter/base-notebook:2026-07-28@sha256:a8b2\n",
    "docs/using/recipe_code/xgboost.dockerfile":
      "ARG BASE_IMAGE=docker.io/jupyter/base-notebook\nFROM $BASE_IMAGE\n",
    ".devcontainer/Dockerfile": "FROM mcr.microsoft.com/devcontainers/python:3.14\n",
    ".github/workflows/docker-build-test-upload.yml": `
on:
  workflow_call:
    inputs:
      image: { required: true, type: string }
      variant: { required: false, type: string, default: default }
env:
  REGISTRY: quay.io
  OWNER: \${{ github.repository_owner }}
jobs:
  build:
    steps:
      - run: |
          docker build --rm --force-rm \\
            --tag \${{ env.REGISTRY }}/\${{ env.OWNER }}/\${{ inputs.image }} \\
            images/\${{ inputs.image }}/\${{ inputs.variant != 'default' && inputs.variant || '.' }}/ \\
            --build-arg REGISTRY=\${{ env.REGISTRY }}
`,
  },
  order: {
    "docker-stacks-foundation": [],
    "base-notebook": ["docker-stacks-foundation"],
    "minimal-notebook": ["base-notebook"],
    "scipy-notebook": ["minimal-notebook"],
    "r-notebook": ["minimal-notebook"],
    "pytorch-notebook": ["scipy-notebook"],
    "pytorch-notebook:cuda12": ["scipy-notebook"],
    "pyspark-notebook": ["scipy-notebook"],
    "all-spark-notebook": ["pyspark-notebook"],
  },
};

const nodeVariants = ["alpine3.23", "bookworm", "bookworm-slim"];
const dockerNode: Tree = {
  like: "nodejs/docker-node",
  files: {
    ...Object.fromEntries(
      ["22", "24"].flatMap((version) =>
        nodeVariants.map((variant) => [
          `${version}/${variant}/Dockerfile`,
          `FROM ${variant.startsWith("alpine") ? "alpine:3.23" : `buildpack-deps:${variant}`}\nENV NODE_VERSION=${version}.1.0\n`,
        ]),
      ),
    ),
    "Dockerfile-alpine.template": "FROM alpine:0.0\n",
    "Dockerfile-debian.template": "FROM buildpack-deps:name\n",
    ".github/workflows/build-test.yml": `
jobs:
  build:
    strategy:
      matrix: \${{ fromJson(needs.gen-matrix.outputs.matrix) }}
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: false
          load: true
          context: .
          file: ./\${{ steps.short-version.outputs.result }}/\${{ matrix.variant }}/Dockerfile
          tags: node:\${{ matrix.version }}-\${{ matrix.variant }}
`,
  },
  order: Object.fromEntries(
    ["22", "24"].flatMap((version) => nodeVariants.map((variant) => [`node:${version}-${variant}`, []])),
  ),
};

const php: Tree = {
  like: "docker-library/php",
  files: {
    ...Object.fromEntries(
      ["8.4", "8.5"].flatMap((version) => [
        [`${version}/trixie/cli/Dockerfile`, `FROM debian:trixie-slim\nENV PHP_VERSION=${version}.1\n`],
        [`${version}/trixie/fpm/Dockerfile`, `FROM debian:trixie-slim\nENV PHP_VERSION=${version}.1\n`],
        [`${version}/alpine3.23/cli/Dockerfile`, `FROM alpine:3.23\nENV PHP_VERSION=${version}.1\n`],
      ]),
    ),
    "Dockerfile-linux.template": "FROM {{ from }}\n",
  },
  order: Object.fromEntries(
    ["8.4", "8.5"].flatMap((version) =>
      ["trixie-cli", "trixie-fpm", "alpine3.23-cli"].map((variant) => [`php:${version}-${variant}`, []]),
    ),
  ),
};

const nginxChannels: [string, string][] = [
  ["mainline", "1.29.8"],
  ["stable", "1.30.0"],
];

/** FROM lines name the official image that the tree itself makes, by versions that the folders do not have. */
const nginx: Tree = {
  like: "nginx/docker-nginx",
  files: {
    ...Object.fromEntries(
      nginxChannels.flatMap(([channel, version]) => {
        const env = `ENV NGINX_VERSION=${version}\n`;
        return [
          [`${channel}/debian/Dockerfile`, `FROM debian:trixie-slim\n${env}`],
          [`${channel}/debian-perl/Dockerfile`, `FROM nginx:${version}\n${env}`],
          [`${channel}/alpine-slim/Dockerfile`, `FROM alpine:3.23\n${env}`],
          [`${channel}/alpine/Dockerfile`, `FROM nginx:${version}-alpine-slim\n${env}`],
          [`${channel}/alpine-otel/Dockerfile`, `FROM nginx:${version}-alpine\n${env}`],
        ];
      }),
    ),
    "Dockerfile-alpine.template": "FROM nginx:%%NGINX_VERSION%%-alpine-slim\n",
  },
  order: Object.fromEntries(
    nginxChannels.flatMap(([channel]): [string, string[]][] => [
      [`nginx:${channel}-debian`, []],
      [`nginx:${channel}-debian-perl`, [`nginx:${channel}-debian`]],
      [`nginx:${channel}-alpine-slim`, []],
      [`nginx:${channel}-alpine`, [`nginx:${channel}-alpine-slim`]],
      [`nginx:${channel}-alpine-otel`, [`nginx:${channel}-alpine`]],
    ]),
  ),
};

const dotnetDistros = ["alpine3.23", "azurelinux3.0", "noble-chiseled"];
const dotnetVersions: [string, string][] = [
  ["8.0", "8.0.30"],
  ["9.0", "9.0.19"],
  ["10.0", "10.0.11"],
];
const dotnetFrom = (base: string, tag: string) =>
  `ARG REPO=mcr.microsoft.com/dotnet/${base}\nFROM $REPO:${tag} AS installer\nFROM $REPO:${tag}\nCOPY --from=installer ["/dotnet", "/usr/share/dotnet"]\n`;

/** Tags have whole versions, folders have short ones. */
const dotnet: Tree = {
  like: "dotnet/dotnet-docker",
  files: {
    ...Object.fromEntries(
      dotnetVersions.flatMap(([short, long]) =>
        dotnetDistros.flatMap((distro) =>
          ["amd64", "arm64v8"].flatMap((arch) => [
            [`src/runtime-deps/${short}/${distro}/${arch}/Dockerfile`, "FROM amd64/ubuntu:noble\n"],
            [
              `src/runtime/${short}/${distro}/${arch}/Dockerfile`,
              dotnetFrom("runtime-deps", `${long}-${distro}-${arch}`),
            ],
            [
              `src/aspnet/${short}/${distro}/${arch}/Dockerfile`,
              dotnetFrom("runtime", `${long}-${distro}-${arch}`),
            ],
            [
              `src/aspnet/${short}/${distro}-composite/${arch}/Dockerfile`,
              dotnetFrom("runtime-deps", `${long}-${distro}-${arch}`),
            ],
          ]),
        ),
      ),
    ),
    "eng/dockerfile-templates/runtime/Dockerfile": "FROM $REPO:{{ VARIABLES }}\n",
    "samples/aspnetapp/Dockerfile":
      "FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build\nFROM mcr.microsoft.com/dotnet/aspnet:10.0\n",
    "tests/Apps/Dockerfile.linux": "ARG runtime_image\nFROM $runtime_image\n",
  },
  order: Object.fromEntries(
    dotnetVersions.flatMap(([short]) =>
      dotnetDistros.flatMap((distro) =>
        ["amd64", "arm64v8"].flatMap((arch): [string, string[]][] => {
          const tag = `${short}-${distro}-${arch}`;
          return [
            [`runtime-deps:${tag}`, []],
            [`runtime:${tag}`, [`runtime-deps:${tag}`]],
            [`aspnet:${tag}`, [`runtime:${tag}`]],
            [`aspnet:${short}-${distro}-composite-${arch}`, [`runtime-deps:${tag}`]],
          ];
        }),
      ),
    ),
  ),
};

/** Squashed images are built on themselves; fragments of Dockerfiles are no images. */
const corpusops: Tree = {
  like: "corpusops/docker-images",
  files: {
    ...Object.fromEntries(
      ["alpine", "debian", "ubuntu"].map((tag) => [
        `corpusops/rsyslog/${tag}/Dockerfile`,
        `ARG ANCESTOR=corpusops/rsyslog:${tag}\nARG RSYNC=corpusops/rsync\nFROM corpusops/${tag === "alpine" ? "alpine" : "ubuntu"}-bare:latest AS final\nRUN true\nFROM $ANCESTOR AS squashed-ancestor\nFROM final\n`,
      ]),
    ),
    "corpusops/rsyslog/alpine/Dockerfile.from": "FROM corpusops/alpine-bare:latest AS final\n",
    "corpusops/rsync/Dockerfile": "FROM alpine\n",
    "corpusops/test/a/Dockerfile": "FROM busybox\n",
    "Dockerfile.args": "ARG DO_UPDATE=y\n",
    "Dockerfile.labels": "LABEL a=b\n",
  },
  order: { "rsyslog:alpine": [], "rsyslog:debian": [], "rsyslog:ubuntu": [], rsync: [] },
};

const webdevops: Tree = {
  like: "webdevops/Dockerfile",
  files: {
    "docker/toolbox/latest/Dockerfile": "FROM golang:alpine AS build\nFROM scratch\n",
    "docker/bootstrap/alpine/Dockerfile":
      "FROM webdevops/toolbox AS toolbox\nFROM alpine:3.11\nCOPY --from=toolbox /bin /bin\n",
    "docker/base/alpine/Dockerfile": "FROM webdevops/bootstrap:alpine\n",
    "docker/apache/alpine/Dockerfile": "FROM webdevops/base:alpine\n",
    ...Object.fromEntries(
      ["8.2", "8.2-alpine", "8.3"].flatMap((tag) => [
        [
          `docker/php/${tag}/Dockerfile`,
          `FROM webdevops/toolbox AS toolbox\nFROM php:${tag.replace("-alpine", "")}-fpm${tag.endsWith("alpine") ? "-alpine" : ""}\n`,
        ],
        [`docker/php-nginx/${tag}/Dockerfile`, `FROM webdevops/php:${tag}\n`],
        [`docker/php-nginx-dev/${tag}/Dockerfile`, `FROM webdevops/php-nginx:${tag}\n`],
      ]),
    ),
    "template/Dockerfile/base.jinja2": "FROM {{ base }}\n",
  },
  order: {
    toolbox: [],
    "bootstrap:alpine": ["toolbox"],
    "base:alpine": ["bootstrap:alpine"],
    "apache:alpine": ["base:alpine"],
    ...Object.fromEntries(
      ["8.2", "8.2-alpine", "8.3"].flatMap((tag): [string, string[]][] => [
        [`php:${tag}`, ["toolbox"]],
        [`php-nginx:${tag}`, [`php:${tag}`]],
        [`php-nginx-dev:${tag}`, [`php-nginx:${tag}`]],
      ]),
    ),
  },
};

/** Official images are only bases here, though folders have their names. */
const nextcloudAio: Tree = {
  like: "nextcloud/all-in-one",
  files: {
    "Containers/redis/Dockerfile": "FROM redis:8.8-alpine\n",
    "Containers/nextcloud/Dockerfile": "FROM php:8.3-fpm-alpine\n",
    "Containers/alpine/Dockerfile": "FROM alpine:3.24\n",
    "Containers/borgbackup/Dockerfile": "FROM alpine:3.24\n",
    "Containers/apache/Dockerfile": "FROM caddy:2-alpine AS caddy\nFROM httpd:2.4-alpine\n",
    "Containers/whiteboard/Dockerfile": "FROM ghcr.io/nextcloud-releases/whiteboard:v1.5.9\n",
    "php/tests/Containers/composer/Dockerfile": "FROM composer:2\n",
  },
  order: { redis: [], nextcloud: [], alpine: [], borgbackup: [], apache: [], whiteboard: [] },
};

const kaggle: Tree = {
  like: "Kaggle/docker-python",
  files: {
    "Dockerfile.tmpl":
      '{{ if eq .Accelerator "gpu" }}\nFROM us-docker.pkg.dev/colab-images/public/runtime:1\n{{ end }}\n',
    "dev.Dockerfile": "FROM gcr.io/kaggle-images/python:staging\n",
    "renderizer/Dockerfile": "FROM golang:1.17\n",
    "config.txt": "BASE_IMAGE=x\n",
  },
  order: { renderizer: [], python: [] },
};

/** The tree has the name of an official image that it makes, as its root folder. */
const buildpackDeps: Tree = {
  like: "docker-library/buildpack-deps",
  files: Object.fromEntries(
    ["debian/bookworm", "debian/trixie", "ubuntu/noble"].flatMap((folder) => {
      const [system, codename] = folder.split("/");
      return [
        [`${folder}/curl/Dockerfile`, `FROM ${system}:${codename}\n`],
        [`${folder}/scm/Dockerfile`, `FROM buildpack-deps:${codename}-curl\n`],
        [`${folder}/Dockerfile`, `FROM buildpack-deps:${codename}-scm\n`],
      ];
    }),
  ),
  order: Object.fromEntries(
    ["debian-bookworm", "debian-trixie", "ubuntu-noble"].flatMap((tag): [string, string[]][] => [
      [`buildpack-deps:${tag}-curl`, []],
      [`buildpack-deps:${tag}-scm`, [`buildpack-deps:${tag}-curl`]],
      [`buildpack-deps:${tag}`, [`buildpack-deps:${tag}-scm`]],
    ]),
  ),
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

export const fromTrees: Tree[] = [
  dockerStacks,
  dockerNode,
  php,
  nginx,
  dotnet,
  corpusops,
  webdevops,
  nextcloudAio,
  kaggle,
  buildpackDeps,
  dockcross,
];
