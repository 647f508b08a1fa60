// The webhook function: the HTTP app behind API Gateway.
import { handle } from "hono/aws-lambda";
import { createApp } from "../../shared/http/app.ts";
import { ownSecretNames } from "../../shared/settings.ts";
import { createLambdaRelay } from "../lambda-relay.ts";

const { relay, pages, metrics, requireSecrets, readSecrets, registrySecrets } = createLambdaRelay(
  new URL(".", import.meta.url),
  process.env,
  Object.values(ownSecretNames),
);

// Request the secrets while the app is created. Requests wait for this answer, or ask again if it fails and report why.
readSecrets([ownSecretNames.webhookSecret]).catch(() => undefined);

const app = createApp(
  relay,
  {
    readWebhookSecrets: async (which) => {
      if (which === "current") return requireSecrets([ownSecretNames.webhookSecret]);
      const [previous = null] = await readSecrets([ownSecretNames.previousWebhookSecret]);
      return previous === null ? [] : [previous];
    },
    registrySecrets,
    readApiToken: async () => (await requireSecrets([ownSecretNames.apiToken])).join(""),
  },
  pages,
  // What one instance has counted would tell nothing: another answers the next request.
  { access: metrics, readProcessMetrics: () => [] },
);

export const handler = handle(app);
