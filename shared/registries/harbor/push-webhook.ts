// Reads Harbor's webhook about pushed artifacts, in its default format and as a CloudEvent.
import * as z from "zod/mini";
import type { RegistryWebhook, ReportedTag } from "../../kinds/registry.ts";
import { invalidWebhook } from "../invalid-webhook.ts";
import { repositoryOf, toEpochMs, toReportedTag } from "../reported-tag.ts";

const anyEvent = z.object({ type: z.string() });
const resources = z.object({ resources: z.array(z.unknown()) });
const defaultFormat = z.object({ occur_at: z.optional(z.unknown()), event_data: resources });
const cloudEvent = z.object({ time: z.optional(z.unknown()), data: resources });
const resource = z.object({
  resource_url: z.string(),
  tag: z.string(),
  digest: z.optional(z.unknown()),
});

const webhook = "a Harbor webhook";

export function readHarborPush(body: unknown): RegistryWebhook {
  const event = anyEvent.safeParse(body);
  if (!event.success) return invalidWebhook(event.error, webhook);
  switch (event.data.type) {
    case "PUSH_ARTIFACT": {
      const { success, data, error } = defaultFormat.safeParse(body);
      if (!success) return invalidWebhook(error, webhook);
      const at = Number.isFinite(data.occur_at) ? Number(data.occur_at) : null;
      return readResources(data.event_data.resources, at);
    }
    case "harbor.artifact.pushed": {
      const { success, data, error } = cloudEvent.safeParse(body);
      if (!success) return invalidWebhook(error, webhook);
      return readResources(data.data.resources, toEpochMs(data.time));
    }
    default:
      return { kind: "ignored", reason: "the event is not the push of an artifact" };
  }
}

function readResources(found: readonly unknown[], pushedAt: number | null): RegistryWebhook {
  const pushes = found.map((each) => readResource(each, pushedAt)).filter((push) => push !== null);
  if (pushes.length > 0) return { kind: "pushes", pushes };
  return { kind: "ignored", reason: "none of the resources is a tag" };
}

function readResource(found: unknown, pushedAt: number | null): ReportedTag | null {
  const { success, data } = resource.safeParse(found);
  if (!success) return null;
  const { resource_url, tag, digest } = data;
  return toReportedTag({ repository: repositoryOf(resource_url), tag, digest, pushedAt });
}
