// Reads the notifications of the CNCF registry (docker-registry), which GitLab's registry sends, too.
import * as z from "zod/mini";
import type { RegistryWebhook } from "../../kinds/registry.ts";
import { invalidWebhook } from "../invalid-webhook.ts";
import { readDistributionEvent } from "./event.ts";

const payload = z.object({ events: z.array(z.unknown()) });
const webhook = "a distribution webhook";

/** Malformed events are ignored: the registry would send a refused batch again and again, before any other. */
export function readDistributionPush(body: unknown): RegistryWebhook {
  const { success, data, error } = payload.safeParse(body);
  if (!success) return invalidWebhook(error, webhook);
  const events = data.events.map((event) => readDistributionEvent(event, webhook));
  const pushes = events.flatMap((event) => (event.kind === "push" ? [event.push] : []));
  if (pushes.length > 0) return { kind: "pushes", pushes };
  return { kind: "ignored", reason: "none of the events is the push of a tag" };
}
