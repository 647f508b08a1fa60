// What `webhook: …` of a channel may say.
import * as z from "zod";
import { secretName, text } from "../../core/forms.ts";
import { isOnThisMachine } from "../../outgoing/origins.ts";

export const webhookSettings = z.strictObject({
  url: text(
    "a URL such as https://ops.example.org/tagrelay",
    /^https?:\/\/[^\s/?#\\@]+(?:[/?][^\s#\\]*)?$/i,
  ).refine(isHttps, { error: "expected a URL by https (or http on this machine), found another" }),
  secret: secretName.optional().describe("what the requests are signed with; unsigned unless told"),
});
export type WebhookSettings = z.infer<typeof webhookSettings>;

/** A text without the form of a URL is told of already. */
function isHttps(text: string): boolean {
  const address = URL.parse(text);
  return address === null || address.protocol === "https:" || isOnThisMachine(address);
}
