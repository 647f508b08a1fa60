// Reads one event of the CNCF registry. Azure's registry sends the same events, one at a time.
import * as z from "zod/mini";
import type { RegistryWebhook, ReportedTag } from "../../kinds/registry.ts";
import { expectedInWebhook, invalidWebhook } from "../invalid-webhook.ts";
import { hostOf, toEpochMs, toReportedTag } from "../reported-tag.ts";

export type DistributionEvent =
  | { kind: "push"; push: ReportedTag }
  | Extract<RegistryWebhook, { kind: "ignored" | "invalid" }>;

const anyEvent = z.object({ action: z.string() });
const pushEvent = z.object({
  timestamp: z.optional(z.unknown()),
  target: z.object({
    repository: z.string(),
    tag: z.optional(z.unknown()),
    digest: z.optional(z.unknown()),
    url: z.optional(z.unknown()),
  }),
  request: z.optional(z.unknown()),
});
const requestWithHost = z.object({ host: z.string().check(z.minLength(1)) });

/** `webhook` is the webhook's name for the reason of a refusal. */
export function readDistributionEvent(event: unknown, webhook: string): DistributionEvent {
  const any = anyEvent.safeParse(event);
  if (!any.success) return invalidWebhook(any.error, webhook);
  if (any.data.action !== "push") return { kind: "ignored", reason: "the event is not a push" };
  const { success, data, error } = pushEvent.safeParse(event);
  if (!success) return invalidWebhook(error, webhook);
  const { target, timestamp } = data;
  if (typeof target.tag !== "string" || target.tag === "") {
    return { kind: "ignored", reason: "the push is not of a tag" };
  }
  const request = requestWithHost.safeParse(data.request);
  const host = request.success ? request.data.host : hostOf(target.url);
  const push = toReportedTag({
    repository: `${host ?? ""}/${target.repository}`,
    tag: target.tag,
    digest: target.digest,
    pushedAt: toEpochMs(timestamp),
  });
  if (push === null) {
    return expectedInWebhook("request.host, target.repository and target.tag to be an image", webhook);
  }
  return { kind: "push", push };
}
