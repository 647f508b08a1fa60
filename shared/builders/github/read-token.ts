// Reads the token for requests to GitHub: a secret, or a token that GitHub issues to an app for an hour.
import type { BuilderContext, TriggerOutcome } from "../../kinds/builder.ts";
import { parseJsonFields } from "../../validation/parse-json.ts";
import { missingSecret } from "../read-answer.ts";
import { appJwt } from "./app-jwt.ts";
import { callGithub, readGithubAnswer } from "./call-github.ts";
import type { GithubApp, GithubCredentials } from "./settings.ts";

export type Token = {
  kind: "token";
  value: string;
  /** To call when GitHub rejects the token. Returns true if requesting a new one may help. */
  forget: () => boolean;
};
type NoToken = Exclude<TriggerOutcome, { kind: "accepted" }>;
type AppToken = { value: string; key: string; endsAt: number };

/** A token is replaced this long before it expires. */
const spareMs = 60_000;

/** The tokens of apps, kept as long as the context. */
const appTokens = new WeakMap<BuilderContext, Map<string, AppToken>>();

export async function readToken(
  credentials: GithubCredentials,
  context: BuilderContext,
): Promise<Token | NoToken> {
  if ("app" in credentials) return readAppToken(credentials.app, context);
  const secret = await context.readSecret(credentials.secret);
  if (secret === null) return missingSecret(credentials.secret);
  const token = secret.trim();
  // Sending would fail as if GitHub were unreachable, and be retried again and again.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return { kind: "rejected", reason: `expected a token in ${credentials.secret}, found something else` };
  }
  return { kind: "token", value: token, forget: () => false };
}

async function readAppToken(app: GithubApp, context: BuilderContext): Promise<Token | NoToken> {
  const key = await context.readSecret(app.secret);
  if (key === null) return missingSecret(app.secret);
  const tokens = appTokens.get(context) ?? new Map<string, AppToken>();
  appTokens.set(context, tokens);
  const name = `${app.id}/${app.installation}`;
  const kept = tokens.get(name);
  if (kept !== undefined && kept.key === key && context.clock() < kept.endsAt - spareMs) {
    return { kind: "token", value: kept.value, forget: () => tokens.delete(name) };
  }
  const issued = await requestAppToken(app, key, context);
  if ("kind" in issued) return issued;
  tokens.set(name, issued);
  // If GitHub rejects a token that it has just issued, another one will not help.
  return { kind: "token", value: issued.value, forget: () => !tokens.delete(name) };
}

async function requestAppToken(
  app: GithubApp,
  key: string,
  context: BuilderContext,
): Promise<AppToken | NoToken> {
  const jwt = appJwt(app.id, key, context.clock());
  if (jwt === null) {
    return {
      kind: "rejected",
      reason: `expected the app's private RSA key (PEM) in ${app.secret}, found something else`,
    };
  }
  const answer = await callGithub(
    { method: "POST", path: `/app/installations/${app.installation}/access_tokens`, body: {} },
    jwt,
    context,
  );
  const outcome = readGithubAnswer(answer, context.clock);
  if (outcome.kind === "accepted" && answer.kind === "answered") {
    const token = parseToken(answer.text);
    if (token !== null) return { ...token, key };
    const reason = `no token for app ${app.id}: GitHub's answer contains none`;
    return { kind: "refused", reason, retryAfterMs: null };
  }
  // Whatever the outcome, no build was started.
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
    return `: the key in ${secret} does not belong to app ${id}, or this machine's clock is wrong`;
  if (status === 403) return `: installation ${installation} is suspended or not accessible`;
  if (status === 404) return `: app ${id} has no installation ${installation}`;
  return "";
}

function parseToken(text: string): Omit<AppToken, "key"> | null {
  const { token, expires_at } = parseJsonFields(text);
  const endsAt = Date.parse(String(expires_at));
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token) || Number.isNaN(endsAt)) return null;
  return { value: token, endsAt };
}
