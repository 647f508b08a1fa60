// The settings of `webhook: …` in a channel: a URL, the secret for signatures, and the format of the JSON.
import * as z from "zod";
import { secretName } from "../../validation/forms.ts";
import { serverUrl } from "../server-url.ts";

export const webhookSettings = z.strictObject({
  url: serverUrl("https://ops.example.org/tagrelay"),
  secret: secretName.optional().describe("The secret that signs the requests. Default: unsigned."),
  format: z
    .enum(["tagrelay", "cloudevents"])
    .optional()
    .describe("The form of the JSON: Tagrelay's own, or a CloudEvent that contains it. Default: tagrelay."),
});
export type WebhookSettings = z.infer<typeof webhookSettings>;
