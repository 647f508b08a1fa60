// Does what a registry's webhook reports, and answers it.
import type { Context } from "hono";
import type { RegistryWebhook } from "../../kinds/registry.ts";
import { receivePushes, unknownImage } from "../../relay/receive-push.ts";
import type { Relay } from "../../relay/relay.ts";
import { hookAnswer } from "./hook-answer.ts";
import { refuse } from "./refuse.ts";

/** `sender` names the sender in the log. */
export async function answerRegistryWebhook(
  c: Context,
  relay: Relay,
  sender: Record<string, string>,
  webhook: RegistryWebhook,
): Promise<Response> {
  switch (webhook.kind) {
    case "pushes":
      return c.json(hookAnswer(await receivePushes(relay, webhook.pushes), unknownImage));
    case "ignored": {
      const { reason } = webhook;
      relay.log("info", { event: "webhook", ...sender, outcome: "ignored", reason });
      return c.json(hookAnswer([], reason));
    }
    case "invalid":
      return refuse(c, relay, { status: 400, reason: webhook.reason });
  }
}
