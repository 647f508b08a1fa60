import { describe, expect, test } from "vitest";
import { readGiteaPush } from "../../../../shared/registries/gitea/push-webhook.ts";
import { expectAnyWebhookRead } from "../arbitrary-webhooks.ts";
import { giteaPush, giteaTestDelivery } from "./samples.ts";

const push = {
  image: { repository: "git.example.org/acme/api", tag: "latest" },
  digest: null,
  pushedAt: null,
};
const withPackage = (change: object) => ({ ...giteaPush, package: { ...giteaPush.package, ...change } });
const html_url = "https://git.example.org:3000/x";

test("a webhook about a pushed tag is a push", () => {
  expect(readGiteaPush(giteaPush)).toEqual({ kind: "pushes", pushes: [push] });
});

describe("the host", () => {
  const without = { html_url: undefined, repository: null, owner: { login: "acme" } };
  const expected = { pushes: [{ image: { repository: "git.example.org:3000/acme/api" } }] };

  test.each([
    ["the package's page", withPackage({ ...without, html_url })],
    ["the owner's page", withPackage({ ...without, owner: { login: "acme", html_url } })],
    ["the package's repository", withPackage({ ...without, repository: { html_url } })],
    ["the webhook's repository", { ...withPackage(without), repository: { html_url } }],
    [
      "the next page, after one without a host",
      withPackage({ ...without, html_url: "/x", repository: { html_url } }),
    ],
  ])("is that of %s", (_what, body) => {
    expect(readGiteaPush(body)).toMatchObject(expected);
  });

  test("has to be told by one of them", () => {
    expect(readGiteaPush(withPackage(without))).toMatchObject({ kind: "invalid" });
  });
});

test("the owner may have only a username, and the name of an image several parts", () => {
  const body = withPackage({ owner: { username: "dev" }, name: "group/api", version: "1.0" });
  expect(readGiteaPush(body)).toEqual({
    kind: "pushes",
    pushes: [{ ...push, image: { repository: "git.example.org/dev/group/api", tag: "1.0" } }],
  });
});

test.each([
  ["a deletion", { ...giteaPush, action: "deleted" }, "the event is not the push of a tag"],
  ["another type of package", withPackage({ type: "npm" }), "the package is not a container image"],
  [
    "the manifest of a platform",
    withPackage({ version: `sha256:${"a".repeat(64)}` }),
    "the push is not of a tag",
  ],
  ["a test delivery", giteaTestDelivery, "the event is not about a package"],
])("%s is ignored", (_what, body, reason) => {
  expect(readGiteaPush(body)).toEqual({ kind: "ignored", reason });
});

test.each([
  [null, "the body to be a map"],
  [{}, "package.type to be text"],
  [{ ...giteaPush, package: null }, "package.type to be text"],
  [withPackage({ owner: null }), "package.owner, package.name and package.version"],
  [withPackage({ owner: {} }), "package.html_url, package.owner, package.name and package.version"],
  [withPackage({ version: "a b" }), "package.html_url, package.owner, package.name and package.version"],
])("a body of another form is invalid: %#", (body, expected) => {
  expect(readGiteaPush(body)).toEqual({
    kind: "invalid",
    reason: `expected ${expected}, as in a Gitea package webhook`,
  });
});

test("any webhook is read, and each push in it has a valid image", () => {
  expectAnyWebhookRead(readGiteaPush, [giteaPush, giteaTestDelivery]);
});
