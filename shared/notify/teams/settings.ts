// What `teams: …` of a channel may say: which secret is the URL of a workflow that starts when a webhook request is received.
import { type SecretUrl, secretUrl } from "../secret-url.ts";

export const teamsSettings = secretUrl;
export type TeamsSettings = SecretUrl;
