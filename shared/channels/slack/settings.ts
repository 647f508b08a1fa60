// The settings of `slack: …` in a channel: the secret that is the URL of an incoming webhook.
import { type SecretUrl, secretUrl } from "../secret-url.ts";

export const slackSettings = secretUrl;
export type SlackSettings = SecretUrl;
