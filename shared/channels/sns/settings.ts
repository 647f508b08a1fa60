// The settings of `sns: …` in a channel: a topic.
import * as z from "zod";
import { text } from "../../validation/forms.ts";

export const snsSettings = z.strictObject({
  topic: text(
    "the ARN of a topic such as arn:aws:sns:eu-west-1:123456789012:ops",
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/,
  )
    .optional()
    .describe("The ARN of the topic. Default: the stack's own topic."),
});
export type SnsSettings = z.infer<typeof snsSettings>;
