// Does what a registry's webhook reports, and answers it.
import type { Context } from "hono";
import { imageName } from "../../image/image.ts";
import type { RegistryWebhook } from "../../kinds/registry.ts";
import { receivePushes, unknownImage } from "../../relay/receive-push.ts";
import type { Relay } from "../../relay/relay.ts";
import { hookAnswer } from "./hook-answer.ts";
import { ignoreWebhook } from "./ignore-webhook.ts";
import { refuse } from "./refuse.ts";
import type { Sender } from "./webhook-secrets.ts";

const otherSecret = "expected the webhook secret of the image's registry, found that of another";

/** `origin` is where the webhook came from, for the log. */
export async function answerRegistryWebhook(
  c: Context,
  relay: Relay,
  origin: Record<string, string>,
  sender: Sender,
  webhook: RegistryWebhook,
): Promise<Response> {
  switch (webhook.kind) {
    case "pushes": {
      const { pushes } = webhook;
      const accepted = pushes.filter(({ image }) => sender.mayReport(image));
      const reason = accepted.length < pushes.length ? otherSecret : unknownImage;
      for (const { image } of pushes.filter((push) => !accepted.includes(push))) {
        const about = { event: "webhook", ...origin, image: imageName(image) };
        relay.log("warn", { ...about, outcome: "ignored", reason: otherSecret });
      }
      return c.json(hookAnswer(await receivePushes(relay, accepted), reason));
    }
    case "ignored":
      return ignoreWebhook(c, relay, origin, webhook.reason);
    case "invalid":
      return refuse(c, relay, { status: 400, reason: webhook.reason });
  }
}
