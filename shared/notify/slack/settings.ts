// What `slack: …` of a channel may say: which secret is the URL of an incoming webhook.
import { type SecretUrl, secretUrl } from "../secret-url.ts";

export const slackSettings = secretUrl;
export type SlackSettings = SecretUrl;
