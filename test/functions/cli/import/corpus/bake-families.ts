// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the files of the trees.
// Trees whose bake files tell how images are linked.
import type { Tree } from "./tree.ts";

const javaApps = [
  "trouter",
  "sfs",
  "imagemagick",
  "libreoffice",
  "misc",
  "pdfrenderer",
  "tika",
  "aio",
  "sync",
  "audit",
];

/** Base images are named contexts, and no FROM line has a registry. */
const alfresco: Tree = {
  like: "Alfresco/alfresco-dockerfiles-bakery",
  files: {
    "java/Dockerfile":
      "ARG DISTRIB_NAME=none\nARG DISTRIB_MAJOR\nARG IMAGE_BASE_LOCATION\nFROM ${IMAGE_BASE_LOCATION} AS rhlike\nFROM rhlike AS rockylinux9\nFROM ${DISTRIB_NAME}${DISTRIB_MAJOR}\n",
    "tomcat/Dockerfile": "FROM java_base AS build\nFROM java_base\n",
    "repository/Dockerfile":
      "ARG DISTRIB_NAME\nFROM tomcat_base AS repo_build\nFROM tomcat_base AS repo-rockylinux\nFROM repo-${DISTRIB_NAME}\n",
    "acc/Dockerfile": "FROM busybox:stable AS unpack\nFROM nginxinc/nginx-unprivileged:1-alpine\n",
    ...Object.fromEntries(
      javaApps.map((name) => [`apps/${name}/Dockerfile`, "FROM java_base\nARG USER_ID\n"]),
    ),
    "docker-bake.hcl": `
variable "REGISTRY" { default = "localhost" }
variable "NAMESPACE" { default = "alfresco" }
variable "TARGETARCH" { default = "" }
variable "CREATED" { default = formatdate("YYYY", timestamp()) }
variable "ACS_VERSION" {}
function "java" {
  params = [version]
  result = (can(regex("^7", version)) ? "17" : "21")
}
variable "JAVA_MAJOR" { default = java(ACS_VERSION) }
target "java_base" {
  context = "./java"
  args = { DISTRIB_NAME = "rockylinux", DISTRIB_MAJOR = "9", IMAGE_BASE_LOCATION = "docker.io/rockylinux/rockylinux:9" }
  labels = { "org.label-schema.build-date" = "\${CREATED}" }
  tags = ["\${REGISTRY}/\${NAMESPACE}/base-java:jre\${JAVA_MAJOR}"]
  output = ["type=cacheonly"]
  platforms = split(",", "\${TARGETARCH}")
}
target "tomcat_base" {
  context = "./tomcat"
  inherits = ["java_base"]
  contexts = { java_base = "target:java_base" }
  tags = ["\${REGISTRY}/\${NAMESPACE}/base-tomcat:tomcat11"]
}
target "repository" {
  name = "repository_\${edition.name}"
  matrix = { edition = [{ name = "community", image = "repository-community" }, { name = "enterprise", image = "repository" }] }
  context = "./repository"
  inherits = ["tomcat_base"]
  contexts = { tomcat_base = "target:tomcat_base" }
  tags = ["\${REGISTRY}/\${NAMESPACE}/\${edition.image}:latest"]
}
target "acc" { context = "./acc", tags = ["\${REGISTRY}/\${NAMESPACE}/control-center:latest"] }
${javaApps.map((name) => `target "${name}" {\n context = "./apps/${name}"\n inherits = ["java_base"]\n contexts = { java_base = "target:java_base" }\n tags = ["\${REGISTRY}/\${NAMESPACE}/${name}:latest"]\n}`).join("\n")}
`
      .replace(', tags = ["${REGISTRY}/${NAMESPACE}/control', '\n tags = ["${REGISTRY}/${NAMESPACE}/control')
      .replace('target "acc" { ', 'target "acc" {\n ')
      .replace('center:latest"] }', 'center:latest"]\n}'),
  },
  order: {
    "base-java:jre21": [],
    "base-tomcat:tomcat11": ["base-java:jre21"],
    "repository-community": ["base-tomcat:tomcat11"],
    repository: ["base-tomcat:tomcat11"],
    "control-center": [],
    ...Object.fromEntries(javaApps.map((name) => [name, ["base-java:jre21"]])),
  },
};

const aiidalab: Tree = {
  like: "aiidalab/aiidalab-docker-stack",
  files: {
    "stack/base/Dockerfile": "ARG BASE\nFROM ${BASE}\n",
    "stack/base-with-services/Dockerfile": "FROM base\n",
    "stack/lab/Dockerfile": "FROM base\n",
    "stack/full-stack/Dockerfile": "FROM base-with-services AS base\nFROM lab\nCOPY --from=base /opt /opt\n",
    "stack/docker-compose.lab.yml":
      "services:\n  aiidalab:\n    image: ${REGISTRY:-}${LAB_IMAGE:-aiidalab/lab}${VERSION:-}\n",
    "docker-bake.hcl": `
variable "VERSION" {
}
variable "PYTHON_VERSION" {
}
variable "ORGANIZATION" { default = "aiidalab" }
variable "REGISTRY" {
}
variable "TARGETS" { default = ["base", "base-with-services", "lab", "full-stack"] }
function "tags" {
  params = [image]
  result = ["\${REGISTRY}\${ORGANIZATION}/\${image}\${VERSION}"]
}
function "minor" {
  params = [version]
  result = join(".", slice(split(".", "\${version}"), 0, 2))
}
group "default" { targets = "\${TARGETS}" }
target "base" {
  tags = tags("base")
  context = "stack/base"
  args = { "BASE" = "jupyter/minimal-notebook:python-\${PYTHON_VERSION}" }
}
target "base-with-services" {
  tags = tags("base-with-services")
  context = "stack/base-with-services"
  contexts = { base = "target:base" }
}
target "lab" {
  tags = tags("lab")
  context = "stack/lab"
  contexts = { base = "target:base" }
  args = { "MINOR" = minor("\${PYTHON_VERSION}") }
}
target "full-stack" {
  tags = tags("full-stack")
  context = "stack/full-stack"
  contexts = {
    base-with-services = "target:base-with-services"
    lab = "target:lab"
  }
}
`,
  },
  order: {
    base: [],
    "base-with-services": ["base"],
    lab: ["base"],
    "full-stack": ["base-with-services", "lab"],
  },
};

const frappe: Tree = {
  like: "frappe/frappe_docker",
  files: {
    "images/bench/Dockerfile": "FROM debian:bookworm-slim AS bench\nFROM bench AS bench-test\n",
    "images/production/Containerfile":
      "ARG PYTHON_VERSION=3.14\nFROM python:${PYTHON_VERSION} AS base\nFROM base AS build\nFROM build AS builder\nFROM base AS erpnext\nCOPY --from=builder /home /home\n",
    "images/layered/Containerfile":
      "ARG FRAPPE_BRANCH=version-15\nFROM frappe/build:${FRAPPE_BRANCH} AS builder\nFROM frappe/base:${FRAPPE_BRANCH} AS backend\nCOPY --from=builder /home /home\n",
    "overrides/compose.proxy.yaml": "services:\n  proxy:\n    image: traefik:v2\n",
    "docker-bake.hcl": `
variable "REGISTRY_USER" {
    default = "frappe"
}
variable FRAPPE_VERSION {
    default = "develop"
}
target "bench" {
    context = "images/bench"
    target = "bench"
    tags = ["frappe/bench:latest"]
}
target "bench-test" {
    inherits = ["bench"]
    target = "bench-test"
}
group "default" {
    targets = ["erpnext", "base", "build"]
}
function "tag" {
    params = [repo, version]
    result = [
      "\${REGISTRY_USER}/\${repo}:\${version}",
      can(regex("(v[0-9]+)[.]", "\${version}")) ? "\${REGISTRY_USER}/\${repo}:\${regex("(v[0-9]+)[.]", "\${version}")[0]}" : "",
    ]
}
target "default-args" {
    args = { FRAPPE_BRANCH = "\${FRAPPE_VERSION}" }
}
${["erpnext", "base", "build"].map((name) => `target "${name}" {\n    inherits = ["default-args"]\n    dockerfile = "images/production/Containerfile"\n    target = "${name}"\n    tags = tag("${name}", "\${FRAPPE_VERSION}")\n}`).join("\n")}
`,
  },
  order: {
    bench: [],
    "erpnext:develop": [],
    "base:develop": [],
    "build:develop": [],
    layered: ["build:develop", "base:develop"],
  },
};

const mailuApps = ["admin", "postfix", "dovecot", "rspamd"];

/** The base is part of the images, but pushed nowhere, and bake runs a folder above its file. */
const mailu: Tree = {
  like: "Mailu/Mailu",
  files: {
    "core/base/Dockerfile":
      "ARG DISTRO=ghcr.io/mailu/alpine:3.21.7\nFROM $DISTRO as system\nFROM system as build\nFROM system\n",
    ...Object.fromEntries(
      mailuApps.map((name) => [
        `core/${name}/Dockerfile`,
        "# syntax=docker/dockerfile-upstream:1.4.3\nFROM base\nARG VERSION=local\n",
      ]),
    ),
    "docs/Dockerfile": "FROM python:3.13-alpine AS build\nFROM nginx:1.29-alpine\n",
    "tests/compose/core/docker-compose.yml": "services:\n  front:\n    image: mailu/nginx:local\n",
    "tests/build.hcl": `
variable "DOCKER_ORG" {
  default = "mailu"
}
variable "MAILU_VERSION" {
  default = "local"
}
group "default" {
  targets = ["docs", "admin"]
}
target "defaults" {
  platforms = [ "linux/amd64"]
  dockerfile="Dockerfile"
}
function "tag" {
  params = [image_name]
  result = [  notequal("master",MAILU_VERSION) ? "\${DOCKER_ORG}/\${image_name}:\${MAILU_VERSION}": "",
          ]
}
target "base" {
  inherits = ["defaults"]
  context = "core/base/"
}
target "docs" {
  inherits = ["defaults"]
  context = "docs/"
  tags = tag("docs")
}
${mailuApps.map((name) => `target "${name}" {\n  inherits = ["defaults"]\n  context = "core/${name}/"\n  contexts = {\n    base = "target:base"\n  }\n  tags = tag("${name}")\n}`).join("\n")}
`,
  },
  order: Object.fromEntries([...mailuApps, "docs"].map((name) => [`${name}:local`, []])),
};

export const bakeFamilies: Tree[] = [alfresco, aiidalab, frappe, mailu];
