import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { imageName } from "../../../../shared/image/image.ts";
import { readDockerhubPush } from "../../../../shared/registries/dockerhub/push-webhook.ts";

const folder = new URL("../../../fixtures/webhooks/", import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, folder), "utf8"));
const expected = (what: string, path: string) => ({
  kind: "invalid",
  reason: `expected ${path} to be ${what}, as in a Docker Hub push webhook`,
});
const lengths = "text of 1 to 512 characters";
const push = (repo_name: unknown, tag: unknown) => ({ repository: { repo_name }, push_data: { tag } });

test("the image is read from each recorded webhook, except from the one without a tag", () => {
  const images = readdirSync(folder).map((file) => {
    const webhook = readDockerhubPush(read(file));
    return [
      file,
      webhook.kind === "pushes" ? webhook.pushes.map(({ image }) => imageName(image)).join() : webhook.kind,
    ];
  });
  expect(Object.fromEntries(images)).toEqual({
    "2014-float-no-tag.json": "invalid",
    "2015-images-null.json": "maddouri/void-docker:init",
    "2022-media-type.json": "maddouri/void-docker:init",
    "2026-dhi-metadata.json": "maddouri/void-docker:init",
    "documented.json": "maddouri/void-docker:init",
    "minimal.json": "maddouri/void-docker:init",
    "official-image.json": "library/busybox:latest",
  });
});

test("an instant in float notation is read", () => {
  const { push_data, repository } = read("2014-float-no-tag.json");
  expect(readDockerhubPush({ repository, push_data: { ...push_data, tag: "init" } })).toEqual({
    kind: "pushes",
    pushes: [
      { image: { repository: "maddouri/void-docker", tag: "init" }, digest: null, pushedAt: 1_417_566_161 },
    ],
  });
});

test("all fields but two may have any type, or be missing", () => {
  const { repository, push_data } = read("documented.json");
  for (const value of [null, 5, "x", true, [], {}, [{}]]) {
    const others = (map: object, kept: string) =>
      Object.fromEntries(Object.entries(map).map(([key, old]) => [key, key === kept ? old : value]));
    const webhook = {
      callback_url: value,
      dhi_metadata: value,
      push_data: { ...others(push_data, "tag"), images: value, media_type: value },
      repository: others(repository, "repo_name"),
    };
    expect(readDockerhubPush(webhook)).toMatchObject({
      kind: "pushes",
      pushes: [{ image: { repository: "maddouri/void-docker", tag: "init" } }],
    });
  }
});

test.each([[null], [undefined], [5], ["text"], [true], [[]], [[push("a/b", "c")]]])(
  "a webhook is a map: %j",
  (body) => {
    expect(readDockerhubPush(body)).toEqual(expected("a map", "the body"));
  },
);

test.each([
  [{}, "a map", "repository"],
  [{ push_data: { tag: "c" } }, "a map", "repository"],
  [{ repository: { repo_name: "a/b" } }, "a map", "push_data"],
  [{ repository: null, push_data: { tag: "c" } }, "a map", "repository"],
  [{ repository: [], push_data: { tag: "c" } }, "a map", "repository"],
  [{ repository: "a/b", push_data: { tag: "c" } }, "a map", "repository"],
  [{ repository: { repo_name: "a/b" }, push_data: "c" }, "a map", "push_data"],
  [{ repository: { repo_name: "a/b" }, push_data: ["c"] }, "a map", "push_data"],
  [{ repository: { name: "b" }, push_data: { tag: "c" } }, "text", "repository.repo_name"],
  [push(null, "c"), "text", "repository.repo_name"],
  [push(5, "c"), "text", "repository.repo_name"],
  [push(["a/b"], "c"), "text", "repository.repo_name"],
  [push({}, "c"), "text", "repository.repo_name"],
  [push("a/b", null), "text", "push_data.tag"],
  [push("a/b", 1), "text", "push_data.tag"],
  [push("a/b", false), "text", "push_data.tag"],
  [push("a/b", ["c"]), "text", "push_data.tag"],
  [push("", "c"), lengths, "repository.repo_name"],
  [push("a/b", ""), lengths, "push_data.tag"],
  [push("a/b", "c".repeat(513)), lengths, "push_data.tag"],
  [push("b".repeat(513), "c"), lengths, "repository.repo_name"],
])("the reason for %j is what was expected, and where", (body, what, path) => {
  expect(readDockerhubPush(body)).toEqual(expected(what, path));
});

test("a tag and a repository of 512 characters are read", () => {
  const long = `a/${"b".repeat(510)}`;
  expect(readDockerhubPush(push(long, "c".repeat(512)))).toMatchObject({ kind: "pushes" });
});

test.each([
  '{"__proto__":{"repository":{"repo_name":"a/b"},"push_data":{"tag":"c"}}}',
  '{"repository":{"__proto__":{"repo_name":"a/b"}},"push_data":{"tag":"c"}}',
  '{"repository":{"repo_name":"a/b"},"push_data":{"__proto__":{"tag":"c"}}}',
  '{"constructor":{"prototype":{"repository":{"repo_name":"a/b"},"push_data":{"tag":"c"}}}}',
])("a prototype is not a webhook, and no prototype is changed: %s", (text) => {
  expect(readDockerhubPush(JSON.parse(text)).kind).toBe("invalid");
  expect(readDockerhubPush({}).kind).toBe("invalid");
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("%s is an ordinary name", (name) => {
  expect(readDockerhubPush(push(`${name}/${name}`, name))).toEqual({
    kind: "pushes",
    pushes: [{ image: { repository: `${name}/${name}`, tag: name }, digest: null, pushedAt: null }],
  });
});

// JSON's 1e400 becomes infinity.
test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, "1582439244", null, {}, [], true])(
  "with %j as its instant, a push has none, but is still a push",
  (pushed_at) => {
    expect(
      readDockerhubPush({ repository: { repo_name: "a/b" }, push_data: { tag: "c", pushed_at } }),
    ).toEqual({
      kind: "pushes",
      pushes: [{ image: { repository: "a/b", tag: "c" }, digest: null, pushedAt: null }],
    });
  },
);
