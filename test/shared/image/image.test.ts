import { describe, expect, test } from "vitest";
import { imageName, parseImage, splitRepository } from "../../../shared/image/image.ts";

const nameOf = (text: string) => {
  const parsed = parseImage(text, null);
  return parsed.kind === "image" ? imageName(parsed.image) : parsed.problem;
};

describe("an image is named as Docker names it", () => {
  test.each([
    ["debian:12", "library/debian:12"],
    ["acme/api:1", "acme/api:1"],
    ["docker.io/acme/api:1", "acme/api:1"],
    ["index.docker.io/debian:12", "library/debian:12"],
    ["registry-1.docker.io/acme/api:1", "acme/api:1"],
    ["Docker.IO/acme/api:1", "acme/api:1"],
    ["ghcr.io/acme/api:1", "ghcr.io/acme/api:1"],
    ["GHCR.io/acme/api:1", "ghcr.io/acme/api:1"],
    ["gcr.io/distroless/base:latest", "gcr.io/distroless/base:latest"],
    ["registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"],
    ["registry.example.org:5000/team/sub/api:1", "registry.example.org:5000/team/sub/api:1"],
    ["localhost/api:1", "localhost/api:1"],
    ["localhost:5000/api:1", "localhost:5000/api:1"],
    ["127.0.0.1:5000/acme/api:1", "127.0.0.1:5000/acme/api:1"],
    ["[::1]:5000/acme/api:1", "[::1]:5000/acme/api:1"],
    [
      "111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme/web:1",
      "111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme/web:1",
    ],
  ])("%s is %s", (text, name) => {
    expect(nameOf(text)).toBe(name);
    // A name that was stored is read again.
    expect(nameOf(name)).toBe(name);
  });

  test.each([
    ["ghcr.io/acme/api", 'expected namespace/repo:tag, found no tag in "ghcr.io/acme/api"'],
    ["ghcr.io/Acme/api:1", "expected a repository such as ghcr.io/namespace/repo in lower case"],
    ["acme/team/api:1", "expected a repository such as namespace/repo in lower case"],
    ["ghcr.io/acme/api:1@sha256:00", "expected a tag, found the digest"],
    ["-a.io/acme/api:1", "expected the host of a registry"],
    ["a_b.io/acme/api:1", "expected the host of a registry"],
    ["ghcr.io:port/acme/api:1", "expected the host of a registry"],
    ["ghcr.io/:1", "expected a repository such as ghcr.io/namespace/repo in lower case"],
    ["ghcr.io/../api:1", "expected a repository such as ghcr.io/namespace/repo in lower case"],
    ["user@ghcr.io/acme/api:1", "expected a tag, found the digest"],
    [`ghcr.io/${"a".repeat(256)}:1`, "expected a repository such as"],
  ])("%s is refused", (text, problem) => {
    expect(nameOf(text)).toContain(problem);
  });
});

test.each([
  ["acme/api", "docker.io", "acme/api"],
  ["ghcr.io/acme/api", "ghcr.io", "acme/api"],
  ["localhost:5000/api", "localhost:5000", "api"],
])("the registry of %s is %s", (repository, host, path) => {
  expect(splitRepository(repository)).toEqual({ host, path });
});
