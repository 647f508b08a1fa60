// Reads Docker Hub's push webhook. Only two of its fields are reliable.
import * as z from "zod/mini";
import { type Image, normalizeRepository } from "../../image/image.ts";

const payload = z.object({
  repository: z.object({ repo_name: z.string().check(z.minLength(1), z.maxLength(512)) }),
  push_data: z.object({
    tag: z.string().check(z.minLength(1), z.maxLength(512)),
    pushed_at: z.optional(z.unknown()),
  }),
});

export type PushWebhook =
  | { kind: "push"; image: Image; pushedAt: number | null }
  | { kind: "notPush"; reason: string };

export function readPushWebhook(body: unknown): PushWebhook {
  const parsed = payload.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue === undefined || issue.path.length === 0 ? "the body" : issue.path.join(".");
    const what = issue?.code === "invalid_type" && issue.expected === "string" ? "text" : "a map";
    const expected = issue?.code === "invalid_type" ? what : "text of 1 to 512 characters";
    return {
      kind: "notPush",
      reason: `expected ${path} to be ${expected}, as in a Docker Hub push webhook`,
    };
  }
  const { repository, push_data } = parsed.data;
  // Seen as an integer and in float notation. A push with anything else is still a push.
  const pushedAt = Number.isFinite(push_data.pushed_at) ? Number(push_data.pushed_at) : null;
  return {
    kind: "push",
    image: {
      repository: normalizeRepository(repository.repo_name),
      tag: push_data.tag,
    },
    pushedAt,
  };
}
