import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readDistributionPush } from "../../../../shared/registries/distribution/push-webhook.ts";
import { expectAnyWebhookRead } from "../arbitrary-webhooks.ts";

const read = (file: string) => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
const manifest = read("manifest-push.json");
const [event] = manifest.events;
const digest = "sha256:3ca81a023ce32adb0616fc784c034305299ed18bf75d652af04afd503a7704f5";
const push = {
  image: { repository: "127.0.0.1:5055/acme/child", tag: "latest" },
  digest,
  pushedAt: Date.UTC(2026, 10, 25, 9, 5, 57, 376),
};
const ignored = { kind: "ignored", reason: "none of the events is the push of a tag" };
const withTarget = (target: object) => ({ ...event, target: { ...event.target, ...target } });
const readAll = (...events: unknown[]) => readDistributionPush({ events });

describe("a recorded webhook", () => {
  test("about a pushed tag is a push", () => {
    expect(readDistributionPush(manifest)).toEqual({ kind: "pushes", pushes: [push] });
  });

  test.each(["blob-push.json", "pull.json"])("that is not about a pushed tag is ignored: %s", (file) => {
    expect(readDistributionPush(read(file))).toEqual(ignored);
  });
});

describe("a batch", () => {
  test("contains the pushes of all its events, in their order", () => {
    const other = withTarget({ tag: "1.2" });
    const [blob] = read("blob-push.json").events;
    const [pull] = read("pull.json").events;
    expect(readAll(blob, event, pull, other, event)).toEqual({
      kind: "pushes",
      pushes: [push, { ...push, image: { ...push.image, tag: "1.2" } }, push],
    });
  });

  test.each([
    [null],
    ["text"],
    [{}],
    [{ action: "push" }],
    [{ action: 5 }],
    [withTarget({ repository: 5 })],
    [withTarget({ repository: "" })],
    [withTarget({ tag: "a b" })],
    [withTarget({ tag: "a/b:c" })],
    [{ ...event, request: null, target: { ...event.target, url: "/v2/acme/child" } }],
    [{ ...event, request: { host: "index.docker.io" } }],
  ])("loses none of its pushes if one of its events is malformed: %j", (malformed) => {
    expect(readAll(malformed, event)).toEqual({ kind: "pushes", pushes: [push] });
    // If it were refused, the registry would send it again before anything else.
    expect(readAll(malformed)).toEqual(ignored);
  });

  test("that is empty is ignored", () => {
    expect(readAll()).toEqual(ignored);
  });
});

describe("an event", () => {
  test.each([undefined, null, {}, { host: "" }, { host: 5 }])(
    "without its request's host has the host of its URL: %j",
    (request) => {
      expect(readAll({ ...event, request })).toEqual({ kind: "pushes", pushes: [push] });
    },
  );

  test("has the host of its request even if its URL has another", () => {
    expect(readAll({ ...event, request: { host: "Registry.example.org" } })).toMatchObject({
      pushes: [{ image: { repository: "registry.example.org/acme/child" } }],
    });
  });

  test.each([undefined, "", null, "sha512:ab", `${digest}0`, digest.toUpperCase(), 5])(
    "with the digest %j has none",
    (wrong) => {
      expect(readAll(withTarget({ digest: wrong }))).toEqual({
        kind: "pushes",
        pushes: [{ ...push, digest: null }],
      });
    },
  );

  test.each([undefined, null, "", "yesterday", 5, {}])("with the time %j has none", (timestamp) => {
    expect(readAll({ ...event, timestamp })).toEqual({
      kind: "pushes",
      pushes: [{ ...push, pushedAt: null }],
    });
  });

  test.each(["pull", "delete", "mount", "PUSH"])("with the action %s is ignored", (action) => {
    expect(readAll({ ...event, action })).toEqual(ignored);
  });
});

test.each([
  [null, "the body to be a map"],
  [[event], "the body to be a map"],
  [{}, "events to be a list"],
  [{ events: { 0: event } }, "events to be a list"],
  [event, "events to be a list"],
])("a body of another form is invalid: %#", (body, expected) => {
  expect(readDistributionPush(body)).toEqual({
    kind: "invalid",
    reason: `expected ${expected}, as in a distribution webhook`,
  });
});

test("any webhook is read, and each push in it has a valid image", () => {
  expectAnyWebhookRead(readDistributionPush, [manifest, read("blob-push.json"), read("pull.json")]);
});
