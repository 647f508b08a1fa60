// The settings of `pushover: …` in a channel: the application's token, the user or group, and a priority.
import * as z from "zod";
import { secretName, text } from "../../validation/forms.ts";

export const pushoverSettings = z.strictObject({
  secret: secretName.describe("The name of the secret with the API token of an application."),
  userSecret: secretName.describe("The name of the secret with the key of a user or a group."),
  device: text("names of devices such as phone or phone,tablet", /^[\w-]{1,25}(?:,[\w-]{1,25})*$/)
    .optional()
    .describe("The devices to send to. Default: all of them."),
  priority: z
    .int()
    .min(-2)
    .max(1)
    .optional()
    .describe("The priority, -2 to 1, of all notices; 1 also breaks quiet hours. Default: 0."),
});
export type PushoverSettings = z.infer<typeof pushoverSettings>;
