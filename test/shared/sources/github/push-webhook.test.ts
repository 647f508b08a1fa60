import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readGithubPush } from "../../../../shared/sources/github/push-webhook.ts";

const fixture = JSON.parse(
  readFileSync(new URL("../../../fixtures/webhooks-github/push.json", import.meta.url), "utf8"),
);
const [commit] = fixture.commits;

test("a push has its repository, branch and commit, and each file of all its commits once", () => {
  expect(readGithubPush(fixture)).toEqual({
    kind: "push",
    repository: "Acme/Images",
    branch: "main",
    commit: "9d1e5a2f6a4b7c8d9e0f1a2b3c4d5e6f7a8b9c0d",
    files: ["images/base/install.sh", "images/base/Dockerfile", "docs/old.md", "images/web/Dockerfile"],
  });
});

describe("every file may have changed", () => {
  test.each([
    ["is forced", { forced: true }],
    ["creates the branch", { created: true }],
    ["lists no commits", { commits: [] }],
    ["has no list of commits", { commits: undefined }],
    ["has something else as its commits", { commits: "many" }],
    ["has a commit without its files", { commits: [commit, { id: "1" }] }],
    ["has files that are not names", { commits: [{ ...commit, added: [1] }] }],
    ["has as many commits as GitHub lists", { commits: Array(2_048).fill(commit) }],
    [
      "has a commit with as many files as GitHub lists",
      { commits: [{ ...commit, added: Array.from({ length: 3_000 }, (_none, index) => `f${index}`) }] },
    ],
  ])("if a push %s", (_what, change) => {
    expect(readGithubPush({ ...fixture, ...change })).toMatchObject({ kind: "push", files: null });
  });
});

test.each([
  [{ deleted: true }, "the branch was deleted"],
  [{ after: "0".repeat(40) }, "the branch was deleted"],
  [{ ref: "refs/tags/v1", deleted: true }, "the tag was deleted"],
  [{ ref: "refs/notes/v1" }, "the push is not to a branch or a tag"],
  [{ ref: "main" }, "the push is not to a branch or a tag"],
])("a push with %j is ignored", (change, reason) => {
  expect(readGithubPush({ ...fixture, ...change })).toEqual({ kind: "ignored", reason });
});

test("a push of a tag has its name and its commit", () => {
  expect(readGithubPush({ ...fixture, ref: "refs/tags/v1" })).toEqual({
    kind: "tagPush",
    repository: fixture.repository.full_name,
    tag: "v1",
    commit: fixture.after,
  });
});

test.each([
  [null],
  [[]],
  [{}],
  [{ ...fixture, ref: 5 }],
  [{ ...fixture, repository: {} }],
  [{ ...fixture, after: null }],
])("body %# is not a push", (body) => {
  expect(readGithubPush(body)).toEqual({
    kind: "notPush",
    reason: "expected ref, after and repository.full_name, as in a GitHub push webhook",
  });
});
