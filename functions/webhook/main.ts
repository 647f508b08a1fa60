// The webhook function: the HTTP app behind an HTTP API.
import { handle } from "hono/aws-lambda";
import { ownSecretNames } from "../../infra/settings.ts";
import { createApp } from "../../shared/http/app.ts";
import { createLambdaRelay } from "../lambda-relay.ts";

const { relay, pages, requireSecrets, readSecrets } = createLambdaRelay(
  new URL(".", import.meta.url),
  process.env,
);

const app = createApp(
  relay,
  {
    readWebhookSecrets: async () => {
      const { webhookSecret, previousWebhookSecret } = ownSecretNames;
      // Read together: one request, not two.
      const [, previous = null] = await readSecrets([webhookSecret, previousWebhookSecret]);
      const current = await requireSecrets([webhookSecret]);
      return previous === null ? current : [...current, previous];
    },
    readApiToken: async () => (await requireSecrets([ownSecretNames.apiToken])).join(""),
  },
  pages,
);

export const handler = handle(app);
