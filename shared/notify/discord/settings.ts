// What `discord: …` of a channel may say: which secret is the URL of a webhook.
import { type SecretUrl, secretUrl } from "../secret-url.ts";

export const discordSettings = secretUrl;
export type DiscordSettings = SecretUrl;
