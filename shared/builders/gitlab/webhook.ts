// Reads GitLab's pipeline webhook: how the pipeline ended, and which build it was.
import * as z from "zod/mini";
import type { BuildEnd } from "../../kinds/builder.ts";
import { httpsUrl } from "../../outgoing/https-url.ts";

const payload = z.object({
  object_attributes: z.object({
    id: z.int().check(z.positive()),
    status: z.string(),
    url: z.optional(z.unknown()),
  }),
  project: z.object({
    id: z.catch(z.optional(z.int().check(z.positive())), undefined),
    path_with_namespace: z.string().check(z.minLength(1), z.maxLength(512)),
  }),
});

const failures = ["failed", "canceled"];

export type GitlabPipeline =
  /** The project's path, and its number if the webhook has one. */
  | { kind: "ended"; projects: string[]; id: string; end: BuildEnd }
  | { kind: "ignored"; reason: string }
  | { kind: "notPipeline"; reason: string };

export function readGitlabPipeline(body: unknown): GitlabPipeline {
  const { success, data } = payload.safeParse(body);
  if (!success) {
    return {
      kind: "notPipeline",
      reason:
        "expected object_attributes.id, object_attributes.status and project.path_with_namespace, as in a GitLab pipeline webhook",
    };
  }
  const { object_attributes: pipeline, project } = data;
  const isSuccess = pipeline.status === "success";
  if (!isSuccess && !failures.includes(pipeline.status))
    return { kind: "ignored", reason: "the pipeline did not fail" };
  const url = httpsUrl(pipeline.url);
  return {
    kind: "ended",
    projects: [project.path_with_namespace, ...(project.id === undefined ? [] : [String(project.id)])],
    id: String(pipeline.id),
    end: isSuccess
      ? { kind: "succeeded" }
      : { kind: "failed", reason: `GitLab: ${pipeline.status}${url === null ? "" : ` (${url})`}` },
  };
}
