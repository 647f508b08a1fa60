// The settings of `discord: …` in a channel: the secret that is the URL of a webhook.
import { type SecretUrl, secretUrl } from "../secret-url.ts";

export const discordSettings = secretUrl;
export type DiscordSettings = SecretUrl;
