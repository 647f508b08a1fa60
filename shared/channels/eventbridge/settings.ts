// The settings of `eventbridge: …` in a channel: an event bus.
import * as z from "zod";
import { text } from "../../validation/forms.ts";

export const eventbridgeSettings = z.strictObject({
  bus: text(
    "the name of an event bus such as ops, or its ARN, such as arn:aws:events:eu-west-1:123456789012:event-bus/ops",
    /^(?:arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/)?[\w.-][\w./-]{0,255}$/,
  )
    .optional()
    .describe("The name or the ARN of the event bus. Default: the account's default bus."),
});
export type EventbridgeSettings = z.infer<typeof eventbridgeSettings>;
