// The settings of `teams: …` in a channel: the secret that is the URL of a workflow with the trigger "When a Teams webhook request is received".
import { type SecretUrl, secretUrl } from "../secret-url.ts";

export const teamsSettings = secretUrl;
export type TeamsSettings = SecretUrl;
