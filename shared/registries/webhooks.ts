// How the webhook of each kind of registry is read.
import type { ReadRegistryWebhook, RegistryWebhookKind } from "../kinds/registry.ts";
import { readAcrPush } from "./acr/push-webhook.ts";
import { readDistributionPush } from "./distribution/push-webhook.ts";
import { readDockerhubPush } from "./dockerhub/push-webhook.ts";
import { readGiteaPush } from "./gitea/push-webhook.ts";
import { readHarborPush } from "./harbor/push-webhook.ts";
import { readQuayPush } from "./quay/push-webhook.ts";

export const registryWebhooks: { readonly [Kind in RegistryWebhookKind]: ReadRegistryWebhook } = {
  dockerhub: readDockerhubPush,
  distribution: readDistributionPush,
  harbor: readHarborPush,
  quay: readQuayPush,
  acr: readAcrPush,
  gitea: readGiteaPush,
};
