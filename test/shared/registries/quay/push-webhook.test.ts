import { describe, expect, test } from "vitest";
import { readQuayPush } from "../../../../shared/registries/quay/push-webhook.ts";
import { expectAnyWebhookRead } from "../arbitrary-webhooks.ts";
import { quayPush } from "./samples.ts";

const push = (tag: string) => ({
  image: { repository: "quay.io/mynamespace/repository", tag },
  digest: null,
  pushedAt: null,
});
const withTags = (updated_tags: unknown) => ({ ...quayPush, updated_tags });

test("a documented webhook about a pushed tag is a push", () => {
  expect(readQuayPush(quayPush)).toEqual({ kind: "pushes", pushes: [push("latest")] });
});

describe("a batch", () => {
  test("contains a push for each tag, in their order", () => {
    expect(readQuayPush(withTags(["2", "1.0", "latest"]))).toEqual({
      kind: "pushes",
      pushes: [push("2"), push("1.0"), push("latest")],
    });
  });

  test("may be a map from each tag to an id, as in older versions", () => {
    expect(readQuayPush(withTags({ latest: "b05ab1f1c2e6", "1.0": "b05ab1f1c2e6" }))).toEqual({
      kind: "pushes",
      pushes: [push("latest"), push("1.0")],
    });
  });

  test.each([[null], [5], [""], ["a b"], ["a:b"], ["x/y:z"], [["latest"]]])(
    "loses none of its pushes if one of its tags is malformed: %j",
    (malformed) => {
      expect(readQuayPush(withTags([malformed, "latest"]))).toEqual({
        kind: "pushes",
        pushes: [push("latest")],
      });
      expect(readQuayPush(withTags([malformed]))).toEqual({
        kind: "ignored",
        reason: "none of the updated tags is the tag of an image",
      });
    },
  );
});

test("a registry of one's own may have a port", () => {
  expect(readQuayPush({ ...quayPush, docker_url: "quay.example.org:8443/acme/api" })).toMatchObject({
    pushes: [{ image: { repository: "quay.example.org:8443/acme/api", tag: "latest" } }],
  });
});

test.each([undefined, null, 5, "latest"])("an event with the tags %j is not a push, and ignored", (tags) => {
  const reason = "the event is not the push of a tag";
  expect(readQuayPush(withTags(tags))).toEqual({ kind: "ignored", reason });
});

test.each([
  [null, "the body to be a map"],
  [{}, "docker_url to be text"],
  [{ ...quayPush, docker_url: 5 }, "docker_url to be text"],
  [{ ...quayPush, docker_url: "" }, "docker_url to be text of 1 to 512 characters"],
])("a body of another form is invalid: %#", (body, expected) => {
  expect(readQuayPush(body)).toEqual({
    kind: "invalid",
    reason: `expected ${expected}, as in a Quay webhook`,
  });
});

test("any webhook is read, and each push in it has a valid image", () => {
  expectAnyWebhookRead(readQuayPush, [quayPush, withTags({ latest: "b05ab1f1c2e6" })]);
});
