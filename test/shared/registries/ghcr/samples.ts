// GitHub's events about packages, shortened to the fields around those that are read.

export const digest = "sha256:0a3eca9d9dd1cd0b27e3e9c0d0b3d1f4a2b1c7a6dd1d9b9a7ae2c3a7d6a1ad5e";

const container = {
  id: 10696,
  name: "hello-docker",
  namespace: "Octo-Org",
  ecosystem: "CONTAINER",
  package_type: "CONTAINER",
  html_url: "https://github.com/orgs/Octo-Org/packages/container/package/hello-docker",
  package_version: {
    id: 107,
    version: digest,
    target_commitish: "main",
    container_metadata: {
      tag: { name: "latest", digest },
      labels: { description: "", source: "", revision: "" },
      manifest: { digest, media_type: "application/vnd.docker.distribution.manifest.v2+json" },
    },
    package_url: "ghcr.io/Octo-Org/hello-docker:latest",
  },
  registry: { name: "GitHub CONTAINER registry", url: "https://containers.pkg.github.com/Octo-Org" },
};

export const ghcrPackage = { action: "published", package: container };
export const ghcrRegistryPackage = { action: "updated", registry_package: container };
