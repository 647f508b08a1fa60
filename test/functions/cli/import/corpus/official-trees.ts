// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the files of the trees.
// Trees of official images and their like: folders are tags.
import type { Tree } from "./tree.ts";

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

export const officialTrees: Tree[] = [dockerNode, php, nginx, dotnet, buildpackDeps];
