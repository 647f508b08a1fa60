// What `sns: …` of a channel may say.
import * as z from "zod";
import { text } from "../../core/forms.ts";

export const snsSettings = z.strictObject({
  topic: text(
    "the ARN of a topic such as arn:aws:sns:eu-west-1:123456789012:ops",
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/,
  )
    .optional()
    .describe("the ARN of the topic; the stack's own unless told"),
});
export type SnsSettings = z.infer<typeof snsSettings>;
