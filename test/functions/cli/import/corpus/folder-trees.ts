// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the files of the trees.
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

export const folderTrees: Tree[] = [dockerStacks, corpusops, webdevops, nextcloudAio, kaggle];
