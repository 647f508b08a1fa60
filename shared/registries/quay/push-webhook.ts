// Reads Quay's webhook about a push to a repository. It tells neither digests nor the time.
import * as z from "zod/mini";
import type { RegistryWebhook } from "../../kinds/registry.ts";
import { invalidWebhook } from "../invalid-webhook.ts";
import { repositoryOf, toReportedTag } from "../reported-tag.ts";

const payload = z.object({
  docker_url: z.string().check(z.minLength(1), z.maxLength(512)),
  updated_tags: z.optional(z.unknown()),
});

export function readQuayPush(body: unknown): RegistryWebhook {
  const { success, data, error } = payload.safeParse(body);
  if (!success) return invalidWebhook(error, "a Quay webhook");
  const tags = tagsOf(data.updated_tags);
  // Webhooks about builds and vulnerabilities have no such field.
  if (tags === null) return { kind: "ignored", reason: "the event is not the push of a tag" };
  const repository = repositoryOf(data.docker_url);
  const pushes = tags
    .filter((tag) => typeof tag === "string")
    .map((tag) => toReportedTag({ repository, tag, digest: null, pushedAt: null }))
    .filter((push) => push !== null);
  if (pushes.length > 0) return { kind: "pushes", pushes };
  return { kind: "ignored", reason: "none of the updated tags is the tag of an image" };
}

/** Older versions of Quay send a map from each tag to an id. */
function tagsOf(updated: unknown): unknown[] | null {
  if (Array.isArray(updated)) return updated;
  return typeof updated === "object" && updated !== null ? Object.keys(updated) : null;
}
