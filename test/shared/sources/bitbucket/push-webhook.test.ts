import { expect, test } from "vitest";
import { readBitbucketPush } from "../../../../shared/sources/bitbucket/push-webhook.ts";
import { readFixture } from "../../../stand-ins/github-webhook.ts";

const webhook = readFixture("webhooks-bitbucket/push.json");
const [branch, tag, deleted] = webhook.push.changes;
const withChanges = (...changes: unknown[]) => ({ ...webhook, push: { changes } });
const repository = "acme/images";
const commit = branch.new.target.hash;

test("a push has each branch and each tag that it changes, and none that it deletes", () => {
  expect(readBitbucketPush(webhook)).toEqual({
    kind: "pushes",
    pushes: [
      { kind: "push", repository, branch: "main", commit, files: null },
      { kind: "tagPush", repository, tag: "v1.2.3", commit },
    ],
  });
});

test.each([
  [withChanges(deleted), "the push only deletes"],
  [withChanges(deleted, {}), "the push only deletes"],
  [withChanges(), "the push changes nothing"],
  [
    withChanges({ ...branch, new: { ...branch.new, type: "bookmark" } }),
    "the push is not to a branch or a tag",
  ],
])("push %# is ignored, with the reason", (body, reason) => {
  expect(readBitbucketPush(body)).toEqual({ kind: "ignored", reason });
});

test.each([
  [null],
  [[]],
  [{}],
  [{ ...webhook, repository: {} }],
  [{ ...webhook, push: {} }],
  [withChanges("main")],
  [withChanges(tag, { ...tag, new: { ...tag.new, name: "" } })],
  [withChanges({ ...branch, new: { ...branch.new, target: null } })],
  [{ changes: [{ ref: { id: "refs/heads/main" } }], repository: { slug: "images" } }],
])("body %# is not a push", (body) => {
  expect(readBitbucketPush(body)).toMatchObject({
    kind: "notPush",
    reason: expect.stringContaining("as in a Bitbucket push webhook"),
  });
});
