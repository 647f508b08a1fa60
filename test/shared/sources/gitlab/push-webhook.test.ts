import { describe, expect, test } from "vitest";
import { readGitlabPush } from "../../../../shared/sources/gitlab/push-webhook.ts";
import { readFixture } from "../../../stand-ins/github-webhook.ts";

const push = readFixture("webhooks-gitlab/push.json");
const tagPush = readFixture("webhooks-gitlab/tag-push.json");
const [commit] = push.commits;
const none = "0".repeat(40);

test("a push has its project, branch and commit, and each file of all its commits once", () => {
  expect(readGitlabPush(push)).toEqual({
    kind: "push",
    repository: "Acme/team/images",
    branch: "main",
    commit: push.after,
    files: ["images/base/install.sh", "images/base/Dockerfile", "images/web/Dockerfile", "docs/old.md"],
  });
});

test("a push of a tag has its name and its commit", () => {
  expect(readGitlabPush(tagPush)).toEqual({
    kind: "tagPush",
    repository: "Acme/team/images",
    tag: "v1.2.3",
    commit: tagPush.after,
  });
});

describe("every file may have changed", () => {
  test.each([
    ["creates the branch", { before: none }],
    ["does not say what was before", { before: undefined }],
    ["has more commits than GitLab lists", { total_commits_count: 21 }],
    ["does not say how many commits it has", { total_commits_count: undefined }],
    ["lists no commits", { commits: [], total_commits_count: 0 }],
    ["has no list of commits", { commits: undefined }],
    ["has something else as its commits", { commits: "many" }],
    ["has a commit without its files", { commits: [commit, { id: "1" }] }],
    ["has files that are not names", { commits: [commit, { ...commit, added: [1] }] }],
  ])("if a push %s", (_what, change) => {
    expect(readGitlabPush({ ...push, ...change })).toMatchObject({ kind: "push", files: null });
  });
});

test.each([
  [{ after: none }, "the branch was deleted"],
  [{ ref: "refs/tags/v1", after: none }, "the tag was deleted"],
  [{ ref: "refs/notes/v1" }, "the push is not to a branch or a tag"],
  [{ ref: "main" }, "the push is not to a branch or a tag"],
])("a push with %j is ignored", (change, reason) => {
  expect(readGitlabPush({ ...push, ...change })).toEqual({ kind: "ignored", reason });
});

test.each([
  [null],
  [[]],
  [{}],
  [{ ...push, ref: 5 }],
  [{ ...push, project: {} }],
  [{ ...push, after: null }],
])("body %# is not a push", (body) => {
  expect(readGitlabPush(body)).toEqual({
    kind: "notPush",
    reason: "expected ref, after and project.path_with_namespace, as in a GitLab push webhook",
  });
});
