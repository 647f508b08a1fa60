import { describe, expect, test } from "vitest";
import { readGhcrPush } from "../../../../shared/registries/ghcr/push-webhook.ts";
import { expectAnyWebhookRead } from "../arbitrary-webhooks.ts";
import { digest, ghcrPackage, ghcrRegistryPackage } from "./samples.ts";

const push = {
  image: { repository: "ghcr.io/octo-org/hello-docker", tag: "latest" },
  digest,
  pushedAt: null,
};
const version = ghcrPackage.package.package_version;
const withPackage = (change: object) => ({
  ...ghcrPackage,
  package: { ...ghcrPackage.package, ...change },
});
const withVersion = (change: object) => withPackage({ package_version: { ...version, ...change } });
const withTag = (tag: unknown) => withVersion({ container_metadata: { tag } });

test.each([
  ["package", ghcrPackage],
  ["registry_package", ghcrRegistryPackage],
])("the event %s about a pushed tag is a push", (_event, body) => {
  expect(readGhcrPush(body)).toEqual({ kind: "pushes", pushes: [push] });
});

describe("a push", () => {
  test.each([
    "ghcr.io/octo-org/hello-docker",
    "ghcr.io/octo-org/hello-docker:",
    "ghcr.io/Octo-Org/hello-docker:another",
    `ghcr.io/octo-org/hello-docker@${digest}`,
  ])("has the repository of its URL: %s", (package_url) => {
    expect(readGhcrPush(withVersion({ package_url }))).toEqual({ kind: "pushes", pushes: [push] });
  });

  test.each(["container", "Container"])("may write its type as %s", (package_type) => {
    expect(readGhcrPush(withPackage({ package_type }))).toEqual({ kind: "pushes", pushes: [push] });
  });

  test.each([undefined, "", null, "sha256:x"])("with the digest %j has none", (wrong) => {
    expect(readGhcrPush(withTag({ name: "latest", digest: wrong }))).toEqual({
      kind: "pushes",
      pushes: [{ ...push, digest: null }],
    });
  });
});

test.each([
  ["another type of package", withPackage({ package_type: "npm" }), "the package is not a container image"],
  ["a deletion", { ...ghcrPackage, action: "deleted" }, "the event is not the push of a tag"],
  ["an empty tag", withTag({ name: "", digest }), "the version has no tag"],
  ["no tag", withTag({ digest }), "the version has no tag"],
])("%s is ignored", (_what, body, reason) => {
  expect(readGhcrPush(body)).toEqual({ kind: "ignored", reason });
});

test.each([
  [null, "the body to be a map"],
  [{ package: ghcrPackage.package }, "action to be text"],
  [{ action: "published" }, "package.package_type to be text"],
  [{ action: "published", package: { package_type: 5 } }, "package.package_type to be text"],
  [
    withPackage({ package_version: null }),
    "package.package_version with package_url and container_metadata.tag",
  ],
  [withVersion({ package_url: "hello-docker" }), "package_url and tag.name to be an image"],
  [withTag({ name: "a b" }), "package_url and tag.name to be an image"],
])("a body of another form is invalid: %#", (body, expected) => {
  expect(readGhcrPush(body)).toEqual({
    kind: "invalid",
    reason: `expected ${expected}, as in a GitHub package webhook`,
  });
});

test("any webhook is read, and each push in it has a valid image", () => {
  expectAnyWebhookRead(readGhcrPush, [ghcrPackage, ghcrRegistryPackage]);
});
