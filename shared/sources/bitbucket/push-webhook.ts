// Reads Bitbucket's push webhook: the repository, and each branch and tag of the push. It does not say which files changed.
import * as z from "zod/mini";
import type { ReadSourcePushes, RefPush } from "../source-push.ts";

/** What a branch or tag is after the push; null if it was deleted. */
const ref = z.object({
  type: z.string(),
  name: z.string().check(z.minLength(1), z.maxLength(1_024)),
  target: z.object({ hash: z.string().check(z.minLength(1), z.maxLength(128)) }),
});

const payload = z.object({
  repository: z.object({ full_name: z.string().check(z.minLength(1), z.maxLength(512)) }),
  push: z.object({ changes: z.array(z.object({ new: z.optional(z.nullable(ref)) })) }),
});

export function readBitbucketPush(body: unknown): ReadSourcePushes {
  const { success, data } = payload.safeParse(body);
  if (!success) {
    return {
      kind: "notPush",
      reason:
        "expected repository.full_name and push.changes with the type, name and target.hash of each new, as in a Bitbucket push webhook",
    };
  }
  const repository = data.repository.full_name;
  const after = data.push.changes.flatMap((change) => change.new ?? []);
  if (after.length === 0) {
    const isEmpty = data.push.changes.length === 0;
    return { kind: "ignored", reason: isEmpty ? "the push changes nothing" : "the push only deletes" };
  }
  const pushes = after.flatMap(({ type, name, target: { hash: commit } }): RefPush[] => {
    if (type === "branch") return [{ kind: "push", repository, branch: name, commit, files: null }];
    return type === "tag" ? [{ kind: "tagPush", repository, tag: name, commit }] : [];
  });
  if (pushes.length === 0) return { kind: "ignored", reason: "the push is not to a branch or a tag" };
  return { kind: "pushes", pushes };
}
