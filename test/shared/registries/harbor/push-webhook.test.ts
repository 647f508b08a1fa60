import { describe, expect, test } from "vitest";
import { readHarborPush } from "../../../../shared/registries/harbor/push-webhook.ts";
import { expectAnyWebhookRead } from "../arbitrary-webhooks.ts";
import { digest, harborCloudEvent, harborPush } from "./samples.ts";

const push = {
  image: { repository: "hub.harbor.com/test-webhook/debian", tag: "latest" },
  digest,
  pushedAt: 1586922308,
};
const [resource] = harborPush.event_data.resources;
const withResources = (...resources: unknown[]) => ({ ...harborPush, event_data: { resources } });

describe("a documented webhook about a pushed artifact is a push", () => {
  test("in the default format, with the time in seconds", () => {
    expect(readHarborPush(harborPush)).toEqual({ kind: "pushes", pushes: [push] });
  });

  test("as a CloudEvent, with the time in milliseconds", () => {
    const pushedAt = Date.UTC(2023, 3, 3, 6, 4, 46);
    expect(readHarborPush(harborCloudEvent)).toEqual({ kind: "pushes", pushes: [{ ...push, pushedAt }] });
  });
});

test.each([null, "1586922308", Number.POSITIVE_INFINITY, {}, undefined])(
  "with the time %j, a push has none",
  (occur_at) => {
    const pushes = [{ ...push, pushedAt: null }];
    expect(readHarborPush({ ...harborPush, occur_at })).toEqual({ kind: "pushes", pushes });
    expect(readHarborPush({ ...harborCloudEvent, time: occur_at })).toEqual({ kind: "pushes", pushes });
  },
);

test("a registry's port is part of the image", () => {
  const port = { ...resource, resource_url: "localhost:8081/acme/redis:v1", tag: "v1" };
  expect(readHarborPush(withResources(port))).toMatchObject({
    pushes: [{ image: { repository: "localhost:8081/acme/redis", tag: "v1" } }],
  });
});

describe("a batch", () => {
  test("contains a push for each resource with a tag, in their order", () => {
    const other = { ...resource, tag: "12", resource_url: "hub.harbor.com/test-webhook/debian:12" };
    expect(readHarborPush(withResources(resource, other))).toEqual({
      kind: "pushes",
      pushes: [push, { ...push, image: { ...push.image, tag: "12" } }],
    });
  });

  const byDigest = { digest, tag: digest, resource_url: `hub.harbor.com/test-webhook/debian@${digest}` };
  test.each([
    [null],
    [5],
    [{}],
    [byDigest],
    [{ ...byDigest, tag: "" }],
    [{ ...resource, tag: 5 }],
    [{ ...resource, resource_url: "debian:latest" }],
    [{ ...resource, resource_url: "" }],
  ])("loses none of its pushes if one of its resources is no tag: %j", (other) => {
    expect(readHarborPush(withResources(other, resource))).toEqual({ kind: "pushes", pushes: [push] });
    expect(readHarborPush(withResources(other))).toEqual({
      kind: "ignored",
      reason: "none of the resources is a tag",
    });
  });
});

test.each(["PULL_ARTIFACT", "DELETE_ARTIFACT", "SCANNING_COMPLETED", "harbor.artifact.pulled", ""])(
  "the event %j is ignored",
  (type) => {
    const reason = "the event is not the push of an artifact";
    expect(readHarborPush({ ...harborPush, type })).toEqual({ kind: "ignored", reason });
  },
);

test.each([
  [null, "the body to be a map"],
  [{}, "type to be text"],
  [{ type: "PUSH_ARTIFACT" }, "event_data to be a map"],
  [{ type: "PUSH_ARTIFACT", event_data: {} }, "event_data.resources to be a list"],
  [{ type: "harbor.artifact.pushed", event_data: { resources: [] } }, "data to be a map"],
])("a body of another form is invalid: %#", (body, expected) => {
  expect(readHarborPush(body)).toEqual({
    kind: "invalid",
    reason: `expected ${expected}, as in a Harbor webhook`,
  });
});

test("any webhook is read, and each push in it has a valid image", () => {
  expectAnyWebhookRead(readHarborPush, [harborPush, harborCloudEvent]);
});
