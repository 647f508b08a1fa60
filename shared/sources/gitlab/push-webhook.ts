// Reads GitLab's push webhooks: the project, the branch and the changed files, or the tag.
import * as z from "zod/mini";
import { isNoCommit, type ReadSourcePush } from "../source-push.ts";

const path = z.string().check(z.maxLength(4_096));
const commit = z.object({ added: z.array(path), modified: z.array(path), removed: z.array(path) });
const sha = z.string().check(z.minLength(1), z.maxLength(128));

const payload = z.object({
  ref: z.string().check(z.minLength(1), z.maxLength(1_024)),
  before: z.catch(z.optional(sha), undefined),
  after: sha,
  project: z.object({ path_with_namespace: z.string().check(z.minLength(1), z.maxLength(512)) }),
  /** A push with unreadable commits is still a push. */
  commits: z.catch(z.optional(z.array(commit)), undefined),
  total_commits_count: z.catch(z.optional(z.number()), undefined),
});

export function readGitlabPush(body: unknown): ReadSourcePush {
  const { success, data } = payload.safeParse(body);
  if (!success) {
    return {
      kind: "notPush",
      reason: "expected ref, after and project.path_with_namespace, as in a GitLab push webhook",
    };
  }
  const { ref, after, project } = data;
  const [, type, name] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? [];
  if (name === undefined) return { kind: "ignored", reason: "the push is not to a branch or a tag" };
  const isTag = type === "tags";
  if (isNoCommit(after)) {
    return { kind: "ignored", reason: `the ${isTag ? "tag" : "branch"} was deleted` };
  }
  const repository = project.path_with_namespace;
  if (isTag) return { kind: "tagPush", repository, tag: name, commit: after };
  return { kind: "push", repository, branch: name, commit: after, files: filesOf(data) };
}

/** Null for a new branch, and if GitLab has left out commits: it lists the last twenty. */
function filesOf({ before, commits = [], total_commits_count: total }: z.infer<typeof payload>) {
  if (before === undefined || isNoCommit(before)) return null;
  if (commits.length === 0 || total === undefined || total > commits.length) return null;
  return [...new Set(commits.flatMap(({ added, modified, removed }) => [...added, ...modified, ...removed]))];
}
