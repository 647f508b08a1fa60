// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the files of the trees.
// Trees whose bake files make many images of few Dockerfiles.
import type { Tree } from "./tree.ts";

const frankenphp: Tree = {
  like: "php/frankenphp",
  files: {
    Dockerfile:
      "FROM php-base AS common\nFROM common AS builder\nCOPY --from=golang-base /usr/local/go /go\nFROM common AS runner\n",
    "alpine.Dockerfile": "FROM php-base AS common\nFROM common AS builder\nFROM common AS runner\n",
    "dev.Dockerfile": "FROM golang:1.26\n",
    "dev-alpine.Dockerfile": "FROM golang:1.26-alpine\n",
    "static-builder-musl.Dockerfile": "FROM golang-base\n",
    "docker-bake.hcl": `
variable "IMAGE_NAME" { default = "dunglas/frankenphp" }
variable "PHP_VERSION" { default = "8.4,8.5" }
variable "SHA" {}
variable DEFAULT_PHP_VERSION { default = "8.5" }
function "tag" {
  params = [version, os, php-version, tgt]
  result = [
    version == "" ? "" : "\${IMAGE_NAME}:\${trimprefix("\${version}\${tgt == "builder" ? "-builder" : ""}-php\${php-version}-\${os}", "latest-")}",
    php-version == DEFAULT_PHP_VERSION && os == "trixie" ? "\${IMAGE_NAME}:\${trimprefix("\${version}\${tgt == "builder" ? "-builder" : ""}", "latest-")}" : "",
  ]
}
function "php_version" {
  params = [v, m]
  result = "\${m.major}.\${m.minor}" == DEFAULT_PHP_VERSION ? [v, "\${m.major}"] : [v]
}
target "default" {
  name = "\${tgt}-php-\${replace(php-version, ".", "-")}-\${os}"
  matrix = {
    os = ["trixie", "alpine"]
    php-version = split(",", PHP_VERSION)
    tgt = ["builder", "runner"]
  }
  contexts = { php-base = "docker-image://php:\${php-version}-zts-\${os}", golang-base = "docker-image://golang:1.26-\${os}" }
  dockerfile = os == "alpine" ? "alpine.Dockerfile" : "Dockerfile"
  context = "./"
  target = tgt
  platforms = os == "alpine" ? ["linux/amd64", "linux/arm/v6"] : ["linux/amd64", "linux/arm64"]
  tags = distinct(flatten([for pv in php_version(php-version, regexall("(?P<major>\\\\d+)\\\\.(?P<minor>\\\\d+)", php-version)[0]) : flatten([
    tag("latest", os, pv, tgt),
    SHA == "" ? [] : tag("sha-\${substr(SHA, 0, 7)}", os, pv, tgt),
  ])]))
}
target "static-builder-musl" {
  contexts = { golang-base = "docker-image://golang:1.26-alpine" }
  dockerfile = "static-builder-musl.Dockerfile"
  tags = ["\${IMAGE_NAME}:static-builder-musl"]
}
`,
  },
  order: Object.fromEntries(
    [
      ...["8.4", "8.5"].flatMap((php) =>
        ["trixie", "alpine"].flatMap((os) => [`builder-php${php}-${os}`, `php${php}-${os}`]),
      ),
      "static-builder-musl",
    ].map((tag) => [`frankenphp:${tag}`, []]),
  ),
};

const rocker: Tree = {
  like: "rocker-org/rocker-versioned2",
  files: {
    ...Object.fromEntries(
      ["4.5.3", "4.6.1"].flatMap((version) => [
        ...["r-ver", "rstudio", "tidyverse"].map((name) => [
          `dockerfiles/${name}_${version}.Dockerfile`,
          "FROM docker.io/library/ubuntu:noble\n",
        ]),
        [
          `bakefiles/${version}.docker-bake.json`,
          JSON.stringify({
            group: [{ default: [{ targets: ["r-ver", "rstudio", "tidyverse"] }] }],
            target: Object.fromEntries(
              ["r-ver", "rstudio", "tidyverse"].map((name) => [
                name,
                {
                  dockerfile: `dockerfiles/${name}_${version}.Dockerfile`,
                  platforms: ["linux/amd64", "linux/arm64"],
                  tags: [`docker.io/rocker/${name}:${version}`, `ghcr.io/rocker-org/${name}:${version}`],
                },
              ]),
            ),
          }),
        ],
      ]),
    ),
    "dockerfiles/geospatial-dev-osgeo.Dockerfile": "FROM rocker/tidyverse:4.6.1\n",
    "bakefiles/experimental.docker-bake.json": JSON.stringify({
      target: {
        osgeo: {
          dockerfile: "dockerfiles/geospatial-dev-osgeo.Dockerfile",
          tags: ["docker.io/rocker/geospatial:dev-osgeo"],
        },
      },
    }),
    "tests/rocker_scripts/Dockerfile": "FROM rocker/r-ver\n",
  },
  order: {
    ...Object.fromEntries(
      ["4.5.3", "4.6.1"].flatMap((version) =>
        ["r-ver", "rstudio", "tidyverse"].map((name) => [`${name}:${version}`, []]),
      ),
    ),
    "geospatial:dev-osgeo": ["tidyverse:4.6.1"],
  },
};

const jenkins: Tree = {
  like: "jenkinsci/docker",
  files: {
    "alpine/hotspot/Dockerfile":
      'ARG ALPINE_TAG=3.24\nFROM alpine:"${ALPINE_TAG}" AS jre\nFROM alpine:"${ALPINE_TAG}"\n',
    "debian/Dockerfile": 'ARG RELEASE=trixie\nARG VARIANT="-slim"\nFROM debian:"${RELEASE}${VARIANT}"\n',
    "tests/functions/Dockerfile": "FROM bats-jenkins\n",
    "tests/plugins-cli/Dockerfile-windows": "FROM bats-jenkins\n",
    "docker-bake.hcl": `
variable "jdks" { default = [21, 25] }
variable "default_jdk" { default = 21 }
variable "VERSION" { default = "2.577" }
function "tags" {
  params = [os, jdk]
  result = ["docker.io/jenkins/jenkins:\${VERSION}-\${os}-jdk\${jdk}", jdk == default_jdk ? "docker.io/jenkins/jenkins:\${VERSION}-\${os}" : ""]
}
target "images" {
  matrix = { jdk = jdks, os = ["alpine", "debian"] }
  name = "\${os}_jdk\${jdk}"
  dockerfile = os == "alpine" ? "alpine/hotspot/Dockerfile" : "debian/Dockerfile"
  context = "."
  tags = tags(os, jdk)
}
`,
    "docker-bake.override.json": JSON.stringify({
      variable: { urls: { default: { windows: { "21": "https://example.org/jdk.zip" } } } },
    }),
  },
  order: Object.fromEntries(
    [21, 25].flatMap((jdk) => ["alpine", "debian"].map((os) => [`jenkins:2.577-${os}-jdk${jdk}`, []])),
  ),
};

/** One Dockerfile with dozens of targets, of which two are pushed. */
const buildkit: Tree = {
  like: "moby/buildkit",
  files: {
    Dockerfile:
      "ARG GO_VERSION=1.26\nARG DOCKER_VERSION=29\nFROM golang:${GO_VERSION} AS golatest\nFROM moby/moby-bin:$DOCKER_VERSION AS docker-engine\nFROM golatest AS binaries\nFROM alpine AS export-alpine\nFROM export-alpine AS buildkit\n",
    "frontend/cmd/Dockerfile": "FROM golang:1.26 AS build\nFROM scratch\n",
    "hack/dockerfiles/lint.Dockerfile": "ARG GO_VERSION=1.26\nFROM golang:${GO_VERSION}\n",
    "frontend/parser/testfiles/args/Dockerfile": "FROM ubuntu\n",
    "frontend/dockerfile_add_test.go": "package dockerfile\nFROM busybox\n",
    "docker-bake.hcl": `
variable "IMAGE_TARGET" { default = null }
target "meta-helper" {
  tags = [IMAGE_TARGET != null && IMAGE_TARGET != "" ? "moby/buildkit:local-\${IMAGE_TARGET}" : "moby/buildkit:local"]
}
target "frontend-meta-helper" { tags = ["docker/dockerfile:local"] }
target "_common" { args = { GO_VERSION = null } }
target "binaries" {
  inherits = ["_common"]
  target = "binaries"
  output = ["type=local,dest=bin"]
}
target "image" {
  inherits = ["_common", "meta-helper"]
  target = IMAGE_TARGET
  output = ["type=image"]
}
target "frontend" {
  inherits = ["_common", "frontend-meta-helper"]
  dockerfile = "./frontend/cmd/Dockerfile"
}
target "lint" {
  inherits = ["_common"]
  dockerfile = "./hack/dockerfiles/lint.Dockerfile"
  output = ["type=cacheonly"]
}
`,
  },
  order: { "buildkit:local": [], "dockerfile:local": [] },
};

export const bakeMatrices: Tree[] = [frankenphp, rocker, jenkins, buildkit];
