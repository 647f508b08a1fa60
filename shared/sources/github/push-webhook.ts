// Reads GitHub's push webhook: the repository, the branch and the changed files, or the tag.
import * as z from "zod/mini";
import { isNoCommit, type ReadSourcePush } from "../source-push.ts";

const path = z.string().check(z.maxLength(4_096));
const commit = z.object({ added: z.array(path), modified: z.array(path), removed: z.array(path) });

const payload = z.object({
  ref: z.string().check(z.minLength(1), z.maxLength(1_024)),
  after: z.string().check(z.minLength(1), z.maxLength(128)),
  repository: z.object({ full_name: z.string().check(z.minLength(1), z.maxLength(512)) }),
  created: z.catch(z.optional(z.boolean()), undefined),
  deleted: z.catch(z.optional(z.boolean()), undefined),
  forced: z.catch(z.optional(z.boolean()), undefined),
  /** A push with unreadable commits is still a push. */
  commits: z.catch(z.optional(z.array(commit)), undefined),
});

/** GitHub lists at most this many commits of a push, and files of a commit. */
const maxCommits = 2_048;
const maxFiles = 3_000;

export function readGithubPush(body: unknown): ReadSourcePush {
  const { success, data } = payload.safeParse(body);
  if (!success) {
    return {
      kind: "notPush",
      reason: "expected ref, after and repository.full_name, as in a GitHub push webhook",
    };
  }
  const { ref, after, repository, deleted } = data;
  const [, type, name] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? [];
  if (name === undefined) return { kind: "ignored", reason: "the push is not to a branch or a tag" };
  const isTag = type === "tags";
  if (deleted === true || isNoCommit(after)) {
    return { kind: "ignored", reason: `the ${isTag ? "tag" : "branch"} was deleted` };
  }
  if (isTag) return { kind: "tagPush", repository: repository.full_name, tag: name, commit: after };
  const branch = name;
  return { kind: "push", repository: repository.full_name, branch, commit: after, files: filesOf(data) };
}

/** Null for a new or rewritten branch: it may differ from the last build by more than the listed commits. */
function filesOf({ commits = [], forced, created }: z.infer<typeof payload>): string[] | null {
  if (forced === true || created === true) return null;
  if (commits.length === 0 || commits.length >= maxCommits) return null;
  const lists = commits.flatMap(({ added, modified, removed }) => [added, modified, removed]);
  if (lists.some(({ length }) => length >= maxFiles)) return null;
  return [...new Set(lists.flat())];
}
