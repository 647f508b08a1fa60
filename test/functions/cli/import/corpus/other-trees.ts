// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the files of the trees.
// Trees with compose files, scripts and the formats of older programs.
import type { Tree } from "./tree.ts";

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

export const otherTrees: Tree[] = [compose, stages, scripts, voidDocker, imagesJson];
