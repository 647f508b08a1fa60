// Reads Docker Hub's push webhook. Only two of its fields are reliable.
import * as z from "zod/mini";
import { isOnDockerHub, normalizeRepository } from "../../image/image.ts";
import type { RegistryWebhook } from "../../kinds/registry.ts";
import { expectedInWebhook, invalidWebhook } from "../invalid-webhook.ts";

const payload = z.object({
  repository: z.object({ repo_name: z.string().check(z.minLength(1), z.maxLength(512)) }),
  push_data: z.object({
    tag: z.string().check(z.minLength(1), z.maxLength(512)),
    pushed_at: z.optional(z.unknown()),
  }),
});

const webhook = "a Docker Hub push webhook";

export function readDockerhubPush(body: unknown): RegistryWebhook {
  const { success, data, error } = payload.safeParse(body);
  if (!success) return invalidWebhook(error, webhook);
  const { repository, push_data } = data;
  const image = { repository: normalizeRepository(repository.repo_name), tag: push_data.tag };
  if (!isOnDockerHub(image)) {
    return expectedInWebhook("repository.repo_name to be without the host of another registry", webhook);
  }
  // Seen as an integer and in float notation. A push with anything else is still a push.
  const pushedAt = Number.isFinite(push_data.pushed_at) ? Number(push_data.pushed_at) : null;
  return { kind: "pushes", pushes: [{ image, digest: null, pushedAt }] };
}
