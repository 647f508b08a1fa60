// The settings of `webhook: …` in a channel: a URL, and the secret for signatures.
import * as z from "zod";
import { isOnThisMachine } from "../../outgoing/origins.ts";
import { secretName, text } from "../../validation/forms.ts";

export const webhookSettings = z.strictObject({
  url: text(
    "a URL such as https://ops.example.org/tagrelay",
    /^https?:\/\/[^\s/?#\\@]+(?:[/?][^\s#\\]*)?$/i,
  ).refine(isHttps, { error: "expected an https URL (or http on this machine), found another" }),
  secret: secretName.optional().describe("The secret that signs the requests. Default: unsigned."),
});
export type WebhookSettings = z.infer<typeof webhookSettings>;

/** True also for a text that is not a URL, which is reported already. */
function isHttps(text: string): boolean {
  const address = URL.parse(text);
  return address === null || address.protocol === "https:" || isOnThisMachine(address);
}
