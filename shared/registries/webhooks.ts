// The registries whose webhooks have a route of their own, and how each is read.
import type { ReadRegistryWebhook } from "../kinds/registry.ts";
import { readAcrPush } from "./acr/push-webhook.ts";
import { readDistributionPush } from "./distribution/push-webhook.ts";
import { readDockerhubPush } from "./dockerhub/push-webhook.ts";
import { readGiteaPush } from "./gitea/push-webhook.ts";
import { readHarborPush } from "./harbor/push-webhook.ts";
import { readQuayPush } from "./quay/push-webhook.ts";

/** GitHub's registry is not among them: it reports pushes to GitHub's webhook. */
export const registryWebhooks = {
  dockerhub: readDockerhubPush,
  distribution: readDistributionPush,
  harbor: readHarborPush,
  quay: readQuayPush,
  acr: readAcrPush,
  gitea: readGiteaPush,
} as const satisfies Record<string, ReadRegistryWebhook>;

export type RegistryWebhookKind = keyof typeof registryWebhooks;
