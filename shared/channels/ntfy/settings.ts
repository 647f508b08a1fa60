// The settings of `ntfy: …` in a channel: the server, the topic, an access token and a priority.
import * as z from "zod";
import { secretName, text } from "../../validation/forms.ts";
import { serverUrl } from "../server-url.ts";

export const ntfySettings = z
  .strictObject({
    url: serverUrl("https://ntfy.example.org").optional().describe("The server. Default: https://ntfy.sh."),
    topic: text("a topic of letters, digits, dashes and underscores", /^[\w-]{1,64}$/)
      .optional()
      .describe("The topic. Either this or topicSecret is required."),
    topicSecret: secretName
      .optional()
      .describe(
        "The name of the secret that holds the topic. Use it if whoever knows the topic can read it.",
      ),
    secret: secretName
      .optional()
      .describe("The name of the secret with an access token, tk_…. Default: none is sent."),
    priority: z
      .int()
      .min(1)
      .max(5)
      .optional()
      .describe("The priority, 1 to 5, of all notices. Default: 4 for failed and stalled, otherwise 3."),
  })
  .refine(({ topic, topicSecret }) => (topic === undefined) !== (topicSecret === undefined), {
    error: 'expected either "topic" or "topicSecret", found both or none',
  });
export type NtfySettings = z.infer<typeof ntfySettings>;
