// The settings of `gotify: …` in a channel: the server, the application's token and a priority.
import * as z from "zod";
import { secretName } from "../../validation/forms.ts";
import { serverUrl } from "../server-url.ts";

export const gotifySettings = z.strictObject({
  url: serverUrl("https://gotify.example.org"),
  secret: secretName.describe("The name of the secret with the token of an application of Gotify."),
  priority: z
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe("The priority, 0 to 10, of all notices. Default: 8 for failed and stalled, otherwise 5."),
});
export type GotifySettings = z.infer<typeof gotifySettings>;
