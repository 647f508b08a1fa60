// Reads GitHub's events about packages, `package` and `registry_package`: pushes to GitHub's container registry.
import * as z from "zod/mini";
import type { RegistryWebhook } from "../../kinds/registry.ts";
import { expectedInWebhook, invalidWebhook } from "../invalid-webhook.ts";
import { repositoryOf, toReportedTag } from "../reported-tag.ts";

const anyEvent = z.object({
  action: z.string(),
  package: z.optional(z.unknown()),
  registry_package: z.optional(z.unknown()),
});
const anyPackage = z.object({ package_type: z.string() });
const container = z.object({
  package_version: z.object({
    package_url: z.string(),
    container_metadata: z.object({
      tag: z.object({ name: z.optional(z.unknown()), digest: z.optional(z.unknown()) }),
    }),
  }),
});

const webhook = "a GitHub package webhook";
const actions = ["published", "updated"];

export function readGhcrPush(body: unknown): RegistryWebhook {
  const event = anyEvent.safeParse(body);
  if (!event.success) return invalidWebhook(event.error, webhook);
  const found = event.data.package ?? event.data.registry_package;
  const { success, data } = anyPackage.safeParse(found);
  if (!success) return expectedInWebhook("package.package_type to be text", webhook);
  if (data.package_type.toLowerCase() !== "container") {
    return { kind: "ignored", reason: "the package is not a container image" };
  }
  if (!actions.includes(event.data.action)) {
    return { kind: "ignored", reason: "the event is not the push of a tag" };
  }
  return readContainer(found);
}

function readContainer(found: unknown): RegistryWebhook {
  const { success, data } = container.safeParse(found);
  if (!success) {
    return expectedInWebhook("package.package_version with package_url and container_metadata.tag", webhook);
  }
  const { package_url, container_metadata } = data.package_version;
  const { name, digest } = container_metadata.tag;
  if (typeof name !== "string" || name === "") return { kind: "ignored", reason: "the version has no tag" };
  const push = toReportedTag({ repository: repositoryOf(package_url), tag: name, digest, pushedAt: null });
  if (push === null) return expectedInWebhook("package_url and tag.name to be an image", webhook);
  return { kind: "pushes", pushes: [push] };
}
