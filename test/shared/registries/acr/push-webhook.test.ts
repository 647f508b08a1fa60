import { expect, test } from "vitest";
import { readAcrPush } from "../../../../shared/registries/acr/push-webhook.ts";
import { expectAnyWebhookRead } from "../arbitrary-webhooks.ts";
import { acrPing, acrPush, digest } from "./samples.ts";

const push = {
  image: { repository: "myregistry.azurecr.io/hello-world", tag: "v1" },
  digest,
  pushedAt: Date.UTC(2017, 10, 17, 16, 52, 1, 343),
};

test("a documented webhook about a pushed tag is a push", () => {
  expect(readAcrPush(acrPush)).toEqual({ kind: "pushes", pushes: [push] });
});

test.each([
  ["a ping", acrPing, "the event is not a push"],
  ["a deletion", { ...acrPush, action: "delete" }, "the event is not a push"],
  ["a chart", { ...acrPush, action: "chart_push" }, "the event is not a push"],
  [
    "a push without a tag",
    { ...acrPush, target: { ...acrPush.target, tag: undefined } },
    "the push is not of a tag",
  ],
  [
    "a push with an empty tag",
    { ...acrPush, target: { ...acrPush.target, tag: "" } },
    "the push is not of a tag",
  ],
])("%s is ignored", (_what, body, reason) => {
  expect(readAcrPush(body)).toEqual({ kind: "ignored", reason });
});

test("a push without its request's host has the host of its URL", () => {
  const target = { ...acrPush.target, url: "https://myregistry.azurecr.io/v2/hello-world/manifests/v1" };
  expect(readAcrPush({ ...acrPush, request: undefined, target })).toEqual({ kind: "pushes", pushes: [push] });
});

test.each([
  [null, "the body to be a map"],
  [{}, "action to be text"],
  [{ action: "push" }, "target to be a map"],
  [{ action: "push", target: {} }, "target.repository to be text"],
  [{ ...acrPush, request: {} }, "request.host, target.repository and target.tag to be an image"],
])("a body of another form is invalid: %#", (body, expected) => {
  expect(readAcrPush(body)).toEqual({
    kind: "invalid",
    reason: `expected ${expected}, as in an Azure Container Registry webhook`,
  });
});

test("any webhook is read, and each push in it has a valid image", () => {
  expectAnyWebhookRead(readAcrPush, [acrPush, acrPing]);
});
