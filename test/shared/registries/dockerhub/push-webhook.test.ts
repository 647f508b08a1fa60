import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDockerhubPush } from "../../../../shared/registries/dockerhub/push-webhook.ts";

const fixture = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/webhooks/${file}`, import.meta.url), "utf8"));
const init = { repository: "maddouri/void-docker", tag: "init" };

describe("a recorded webhook", () => {
  test.each([
    ["2015-images-null.json", init, 1_436_000_000],
    ["2022-media-type.json", init, 1_659_284_202],
    ["2026-dhi-metadata.json", init, 1_790_000_000],
    ["documented.json", init, 1_582_439_244],
    ["minimal.json", init, null],
    ["official-image.json", { repository: "library/busybox", tag: "latest" }, 1_582_439_244],
  ])("is a push: %s", (file, image, pushedAt) => {
    expect(readDockerhubPush(fixture(file))).toEqual({
      kind: "pushes",
      pushes: [{ image, digest: null, pushedAt }],
    });
  });

  test("is not a push without a tag: 2014-float-no-tag.json", () => {
    expect(readDockerhubPush(fixture("2014-float-no-tag.json"))).toEqual({
      kind: "invalid",
      reason: "expected push_data.tag to be text, as in a Docker Hub push webhook",
    });
  });
});

describe("a webhook", () => {
  test.each([1.417566161e9, 0, "1436000000", null, {}, Number.NaN])(
    "is a push, whatever its time: %j",
    (pushed_at) => {
      const webhook = readDockerhubPush({
        repository: { repo_name: "a/b" },
        push_data: { tag: "c", pushed_at },
      });
      const pushedAt = typeof pushed_at === "number" && !Number.isNaN(pushed_at) ? pushed_at : null;
      expect(webhook).toEqual({
        kind: "pushes",
        pushes: [{ image: { repository: "a/b", tag: "c" }, digest: null, pushedAt }],
      });
    },
  );

  test("of an official image may omit the namespace", () => {
    expect(
      readDockerhubPush({ repository: { repo_name: "busybox" }, push_data: { tag: "1" } }),
    ).toMatchObject({
      pushes: [{ image: { repository: "library/busybox" } }],
    });
  });

  test.each(["docker.io/a/b", "index.docker.io/a/b", "registry-1.docker.io/a/b"])(
    "may name Docker Hub's host: %s",
    (repo_name) => {
      expect(readDockerhubPush({ repository: { repo_name }, push_data: { tag: "c" } })).toMatchObject({
        pushes: [{ image: { repository: "a/b", tag: "c" } }],
      });
    },
  );

  test.each(["ghcr.io/a/b", "localhost/b", "localhost:5000/a/b", "docker.io.example.org/a/b"])(
    "of another registry's host is invalid: %s",
    (repo_name) => {
      expect(readDockerhubPush({ repository: { repo_name }, push_data: { tag: "c" } })).toEqual({
        kind: "invalid",
        reason:
          "expected repository.repo_name to be without the host of another registry, as in a Docker Hub push webhook",
      });
    },
  );

  test("is read or rejected, whatever it contains", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (any, repo_name, tag) => {
        expect(["pushes", "invalid"]).toContain(readDockerhubPush(any).kind);
        const webhook = readDockerhubPush({ repository: { repo_name }, push_data: { tag } });
        const isText = (value: unknown) => typeof value === "string" && value !== "" && value.length <= 512;
        const hasHost = (name: unknown) =>
          typeof name === "string" && /^(?:[^/]*[.:][^/]*|localhost)\//.test(name);
        if (!hasHost(repo_name)) {
          expect(webhook.kind).toBe(isText(repo_name) && isText(tag) ? "pushes" : "invalid");
        }
      }),
      { numRuns: 500 },
    );
  });
});
