// Reads the webhook of Azure Container Registry: one event of the CNCF registry, or a ping.
import type { RegistryWebhook } from "../../kinds/registry.ts";
import { readDistributionEvent } from "../distribution/event.ts";

export function readAcrPush(body: unknown): RegistryWebhook {
  const event = readDistributionEvent(body, "an Azure Container Registry webhook");
  return event.kind === "push" ? { kind: "pushes", pushes: [event.push] } : event;
}
