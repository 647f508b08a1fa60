// Reads the event by which Amazon ECR reports a push to EventBridge.
import * as z from "zod/mini";
import type { RegistryWebhook, ReportedTag } from "../../kinds/registry.ts";
import { expectedInWebhook, invalidWebhook } from "../invalid-webhook.ts";
import { toEpochMs, toReportedTag } from "../reported-tag.ts";
import { ecrHostsOf } from "./ecr-registry.ts";

const text = z.string().check(z.minLength(1), z.maxLength(512));

const event = z.object({
  account: z.string().check(z.regex(/^\d{12}$/)),
  region: z.string().check(z.regex(/^[a-z]{2,}(?:-[a-z]+)+-\d+$/)),
  time: z.optional(z.unknown()),
  detail: z.object({
    "action-type": text,
    result: text,
    "repository-name": text,
    "image-tag": z.optional(z.unknown()),
    "image-digest": z.optional(z.unknown()),
  }),
});

/** `isKnown` chooses among the names of the registry, because the event has none of them. The usual one is the default. */
export function readEcrPush(body: unknown, isKnown: (push: ReportedTag) => boolean): RegistryWebhook {
  const parsed = event.safeParse(body);
  if (!parsed.success) return invalidWebhook(parsed.error, "an ECR Image Action of EventBridge");
  const { account, region, time, detail } = parsed.data;
  if (detail["action-type"] !== "PUSH" || detail.result !== "SUCCESS") {
    return { kind: "ignored", reason: "no image was pushed" };
  }
  const { "image-tag": tag, "image-digest": digest, "repository-name": name } = detail;
  // The manifests of an image's platforms have none.
  if (typeof tag !== "string" || tag === "") return { kind: "ignored", reason: "what was pushed has no tag" };
  const pushedAt = toEpochMs(time);
  const pushes = ecrHostsOf({ account, region }).flatMap(
    (host) => toReportedTag({ repository: `${host}/${name}`, tag, digest, pushedAt }) ?? [],
  );
  const push = pushes.find(isKnown) ?? pushes[0];
  if (push === undefined)
    return expectedInWebhook("the name of an image", "an ECR Image Action of EventBridge");
  return { kind: "pushes", pushes: [push] };
}
