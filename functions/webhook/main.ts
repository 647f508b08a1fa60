// The webhook function: the HTTP app behind an HTTP API.
import { handle } from "hono/aws-lambda";
import { ownSecretNames } from "../../infra/settings.ts";
import { createApp } from "../../shared/http/app.ts";
import { createLambdaRelay } from "../lambda-relay.ts";

const { relay, pages, requireSecrets, readSecrets } = createLambdaRelay(
  new URL(".", import.meta.url),
  process.env,
  Object.values(ownSecretNames),
);

// Asked for while the rest is made ready. Where that fails, whoever needs them asks again, or waits for the same, and is told why.
readSecrets([ownSecretNames.webhookSecret]).catch(() => undefined);

const app = createApp(
  relay,
  {
    readWebhookSecrets: async (which) => {
      if (which === "current") return requireSecrets([ownSecretNames.webhookSecret]);
      const [previous = null] = await readSecrets([ownSecretNames.previousWebhookSecret]);
      return previous === null ? [] : [previous];
    },
    readApiToken: async () => (await requireSecrets([ownSecretNames.apiToken])).join(""),
  },
  pages,
);

export const handler = handle(app);
