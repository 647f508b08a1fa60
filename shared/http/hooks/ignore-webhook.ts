// Answers an authentic webhook that is about nothing that counts here.
import type { Context } from "hono";
import type { Relay } from "../../relay/relay.ts";
import { hookAnswer } from "./hook-answer.ts";

/** `origin` is where the webhook came from, for the log. */
export function ignoreWebhook(
  c: Context,
  relay: Relay,
  origin: Record<string, string>,
  reason: string,
): Response {
  relay.log("info", { event: "webhook", ...origin, outcome: "ignored", reason });
  return c.json(hookAnswer([], reason));
}
