// The settings of `telegram: …` in a channel: the bot's token, the chat and its topic.
import * as z from "zod";
import { oneOf, secretName, text } from "../../validation/forms.ts";

const chat = "the id of a chat such as -1001234567890, or the name of a public channel such as @acme_ops";

export const telegramSettings = z.strictObject({
  secret: secretName.describe("The name of the secret with the bot's token, 123456:ABC…, from @BotFather."),
  chat: oneOf(chat, [z.int(), text(chat, /^(?:-?\d{1,16}|@[A-Za-z]\w{3,31})$/)]).describe(
    "The id of the chat, or the name of a public channel. The bot has to be a member.",
  ),
  topic: z.int().min(1).optional().describe("The id of the topic in a group with topics. Default: none."),
});
export type TelegramSettings = z.infer<typeof telegramSettings>;
