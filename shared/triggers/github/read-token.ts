// The token by which GitHub is asked: the one that stands in a secret.
import type { TriggerContext, TriggerOutcome } from "../trigger.ts";
import { missingSecret } from "../trigger.ts";
import type { GithubCredentials } from "./settings.ts";

export type Token = {
  kind: "token";
  value: string;
  /** GitHub does not take it; true where another one may be had. */
  forget: () => boolean;
};

export async function readToken(
  credentials: GithubCredentials,
  context: TriggerContext,
): Promise<Token | Exclude<TriggerOutcome, { kind: "accepted" }>> {
  if ("app" in credentials) return { kind: "rejected", reason: "apps are not supported" };
  const secret = await context.readSecret(credentials.secret);
  if (secret === null) return missingSecret(credentials.secret);
  const token = secret.trim();
  // What no header can carry would look like a GitHub that cannot be asked, and be tried again and again.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return { kind: "rejected", reason: `expected a token in ${credentials.secret}, found something else` };
  }
  return { kind: "token", value: token, forget: () => false };
}
