// Reads GitHub's push webhook: the repository, the branch and the changed files.
import * as z from "zod/mini";

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

export type SourcePush = {
  repository: string;
  branch: string;
  commit: string;
  /** Null if unknown: any file may have changed. */
  files: string[] | null;
};
export type GithubPush =
  | ({ kind: "push" } & SourcePush)
  | { kind: "ignored"; reason: string }
  | { kind: "notPush"; reason: string };

/** GitHub lists at most this many commits of a push, and files of a commit. */
const maxCommits = 2_048;
const maxFiles = 3_000;

export function readGithubPush(body: unknown): GithubPush {
  const { success, data } = payload.safeParse(body);
  if (!success) {
    return {
      kind: "notPush",
      reason: "expected ref, after and repository.full_name, as in a GitHub push webhook",
    };
  }
  const { ref, after, repository, deleted } = data;
  const [, branch] = /^refs\/heads\/(.+)$/s.exec(ref) ?? [];
  if (branch === undefined) return { kind: "ignored", reason: "the push is not to a branch" };
  if (deleted === true || /^0+$/.test(after)) return { kind: "ignored", reason: "the branch was deleted" };
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
