// The token by which GitHub is asked: the one that stands in a secret, or one that an app is given for an hour.
import { missingSecret, type TriggerContext, type TriggerOutcome } from "../trigger.ts";
import { appJwt } from "./app-jwt.ts";
import { postToGithub, readGithubAnswer } from "./post-to-github.ts";
import type { GithubApp, GithubCredentials } from "./settings.ts";

export type Token = {
  kind: "token";
  value: string;
  /** GitHub does not take it; true where another one may be had. */
  forget: () => boolean;
};
type NoToken = Exclude<TriggerOutcome, { kind: "accepted" }>;
type AppToken = { value: string; key: string; endsAt: number };

/** So much before its end a token is not used any more. */
const spareMs = 60_000;

/** The tokens of apps, as long as the process knows whom it asks. */
const appTokens = new WeakMap<TriggerContext, Map<string, AppToken>>();

export async function readToken(
  credentials: GithubCredentials,
  context: TriggerContext,
): Promise<Token | NoToken> {
  if ("app" in credentials) return readAppToken(credentials.app, context);
  const secret = await context.readSecret(credentials.secret);
  if (secret === null) return missingSecret(credentials.secret);
  const token = secret.trim();
  // What no header can carry would look like a GitHub that cannot be asked, and be tried again and again.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return { kind: "rejected", reason: `expected a token in ${credentials.secret}, found something else` };
  }
  return { kind: "token", value: token, forget: () => false };
}

async function readAppToken(app: GithubApp, context: TriggerContext): Promise<Token | NoToken> {
  const key = await context.readSecret(app.secret);
  if (key === null) return missingSecret(app.secret);
  const tokens = appTokens.get(context) ?? new Map<string, AppToken>();
  appTokens.set(context, tokens);
  const name = `${app.id}/${app.installation}`;
  const kept = tokens.get(name);
  if (kept !== undefined && kept.key === key && context.clock() < kept.endsAt - spareMs) {
    return { kind: "token", value: kept.value, forget: () => tokens.delete(name) };
  }
  const made = await makeAppToken(app, key, context);
  if ("kind" in made) return made;
  tokens.set(name, made);
  // What was made just now and is not taken will not be taken if it is made again.
  return { kind: "token", value: made.value, forget: () => !tokens.delete(name) };
}

async function makeAppToken(
  app: GithubApp,
  key: string,
  context: TriggerContext,
): Promise<AppToken | NoToken> {
  const jwt = appJwt(app.id, key, context.clock());
  if (jwt === null) {
    return {
      kind: "rejected",
      reason: `expected the app's private RSA key in PEM in ${app.secret}, found something else`,
    };
  }
  const answer = await postToGithub(`/app/installations/${app.installation}/access_tokens`, jwt, {}, context);
  const outcome = readGithubAnswer(answer, context.clock);
  if (outcome.kind === "accepted" && answer.kind === "answered") {
    const token = parseToken(answer.text);
    if (token !== null) return { ...token, key };
    return { kind: "refused", reason: "GitHub gave the app an answer that has no token", retryAfterMs: null };
  }
  // Whatever became of it, no build was started.
  if (outcome.kind !== "rejected") {
    const reason = outcome.kind === "accepted" ? "no answer" : outcome.reason;
    const retryAfterMs = outcome.kind === "refused" ? outcome.retryAfterMs : null;
    return { kind: "refused", reason: `no token for app ${app.id}: ${reason}`, retryAfterMs };
  }
  const advice = answer.kind === "answered" ? adviceFor(answer.status, app) : "";
  return { kind: "rejected", reason: `no token for app ${app.id}: ${outcome.reason}${advice}` };
}

function adviceFor(status: number, { id, installation, secret }: GithubApp): string {
  if (status === 401)
    return `: the key in ${secret} is not one of app ${id}, or this machine's clock is wrong`;
  if (status === 403) return `: installation ${installation} is suspended, or may not be used`;
  if (status === 404) return `: app ${id} has no installation ${installation}`;
  return "";
}

function parseToken(text: string): Omit<AppToken, "key"> | null {
  try {
    const { token, expires_at }: { token?: unknown; expires_at?: unknown } = JSON.parse(text);
    const endsAt = Date.parse(String(expires_at));
    if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token) || Number.isNaN(endsAt)) return null;
    return { value: token, endsAt };
  } catch {
    return null;
  }
}
