// Reads the package webhook of Gitea and Forgejo: a push to their container registry. It tells no digest.
import * as z from "zod/mini";
import type { RegistryWebhook } from "../../kinds/registry.ts";
import { expectedInWebhook, invalidWebhook } from "../invalid-webhook.ts";
import { hostOf, toReportedTag } from "../reported-tag.ts";

const anyEvent = z.object({
  action: z.optional(z.unknown()),
  package: z.optional(z.unknown()),
  repository: z.optional(z.unknown()),
});
const anyPackage = z.object({ type: z.string() });
const linked = z.catch(z.optional(z.object({ html_url: z.optional(z.unknown()) })), undefined);
const container = z.object({
  name: z.string(),
  version: z.string(),
  owner: z.object({
    login: z.optional(z.unknown()),
    username: z.optional(z.unknown()),
    html_url: z.optional(z.unknown()),
  }),
  html_url: z.optional(z.unknown()),
  repository: linked,
});

const webhook = "a Gitea package webhook";

export function readGiteaPush(body: unknown): RegistryWebhook {
  const event = anyEvent.safeParse(body);
  if (!event.success) return invalidWebhook(event.error, webhook);
  const found = event.data.package;
  if (found === undefined && event.data.repository !== undefined) {
    // Gitea's test delivery is a push to the repository.
    return { kind: "ignored", reason: "the event is not about a package" };
  }
  const { success, data } = anyPackage.safeParse(found);
  if (!success) return expectedInWebhook("package.type to be text", webhook);
  if (data.type !== "container") return { kind: "ignored", reason: "the package is not a container image" };
  if (event.data.action !== "created") {
    return { kind: "ignored", reason: "the event is not the push of a tag" };
  }
  return readContainer(found, event.data.repository);
}

function readContainer(found: unknown, repository: unknown): RegistryWebhook {
  const { success, data } = container.safeParse(found);
  if (!success) return expectedInWebhook("package.owner, package.name and package.version", webhook);
  const { name, version, owner } = data;
  // A manifest that was pushed by its digest, such as that of one platform.
  if (version.startsWith("sha256:")) return { kind: "ignored", reason: "the push is not of a tag" };
  // The package's own page, which older versions do not send. The registry is always at the same host.
  const pages = [
    data.html_url,
    owner.html_url,
    data.repository?.html_url,
    linked.parse(repository)?.html_url,
  ];
  const host = pages.map(hostOf).find((each) => each !== null);
  const login = [owner.login, owner.username].find((each) => typeof each === "string" && each !== "");
  const push = toReportedTag({
    repository: `${host ?? ""}/${login ?? ""}/${name}`,
    tag: version,
    digest: null,
    pushedAt: null,
  });
  if (push === null) {
    return expectedInWebhook("package.html_url, package.owner, package.name and package.version", webhook);
  }
  return { kind: "pushes", pushes: [push] };
}
