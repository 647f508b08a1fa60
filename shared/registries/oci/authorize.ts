// Gets what a registry asks for before it answers: a token from its token service, or a login.
import { type Origins, replaceKnownHost } from "../../outgoing/origins.ts";
import { readRetryAfter } from "../../outgoing/retry-after.ts";
import type { Answer, Send } from "../../outgoing/send.ts";
import { parseJsonFields } from "../../validation/parse-json.ts";
import type { Challenge } from "./challenge.ts";
import { tokenServiceName } from "./registry-name.ts";
import { registryAddress } from "./registry-origin.ts";
import { mayFetchToken } from "./token-host.ts";

export type Login = {
  username: string;
  password: string;
  /** Not to be used any more after this. Default: it stays valid. */
  untilMs?: number;
};

/** Why there is no login, in words that may be logged. */
export class LoginError extends Error {
  override readonly name = "LoginError";
}

export type RegistryPorts = {
  send: Send;
  origins: Origins;
  clock: () => number;
  /** The login for a registry; null for none. */
  readLogin: (registry: string) => Promise<Login | null>;
};

export type Answered = Extract<Answer, { kind: "answered" }>;

/** Why a registry gave no answer that can be used. */
export type NoAnswer =
  /** It refuses the request, with a status if it was asked. Asking again soon would not help. */
  | { kind: "unreadable"; reason: string; status: number | null }
  /** `requestSent`: a request left this machine. */
  | { kind: "unknown"; reason: string; retryAfterMs: number | null; requestSent: boolean };

/** What a token is for, as registries call it. */
export type Access = "pull" | "pull,push";

export type Authorization = { kind: "authorized"; header: string; untilMs: number };

export const registryTimeoutMs = 10_000;
/** Tokens without `expires_in` are valid for a minute. */
const defaultTokenSeconds = 60;
/** A token is not used in its last seconds. */
const tokenMarginMs = 10_000;

export async function authorize(
  ports: RegistryPorts,
  challenge: Challenge,
  registry: string,
  path: string,
  access: Access,
): Promise<Authorization | NoAnswer> {
  const login = await ports.readLogin(registry).catch((error: unknown) => {
    const unreadable = `the secret of the login for ${registry} could not be read`;
    return { reason: error instanceof LoginError ? error.message : unreadable };
  });
  if (login !== null && "reason" in login) {
    return { kind: "unknown", reason: login.reason, retryAfterMs: null, requestSent: false };
  }
  if (challenge.kind === "bearer") return fetchToken(ports, challenge, registry, path, login, access);
  return login === null
    ? {
        kind: "unreadable",
        reason: `${registry} asks for a login, and the configuration has none for it`,
        status: 401,
      }
    : { kind: "authorized", header: basicOf(login), untilMs: login.untilMs ?? Number.POSITIVE_INFINITY };
}

async function fetchToken(
  { send, origins, clock }: RegistryPorts,
  { realm, parameters }: Extract<Challenge, { kind: "bearer" }>,
  registry: string,
  path: string,
  login: Login | null,
  access: Access,
): Promise<Authorization | NoAnswer> {
  if (!mayFetchToken(realm, registry, registryAddress(registry, origins))) {
    const reason = `${registry} names ${realm.origin} as its token service, which is not one of its own hosts`;
    return { kind: "unreadable", reason, status: null };
  }
  const url = new URL(realm);
  if (parameters.service !== undefined) url.searchParams.set("service", parameters.service);
  url.searchParams.set("scope", `repository:${path}:${access}`);
  const answer = await send({
    method: "GET",
    url: replaceKnownHost(url, origins),
    headers: { accept: "application/json", ...(login === null ? {} : { authorization: basicOf(login) }) },
    timeoutMs: registryTimeoutMs,
  });
  const who = tokenServiceName(registry);
  if (answer.kind !== "answered" || answer.status !== 200) return noAnswer(who, answer, clock());
  const token = readToken(answer.text);
  if (token === null) {
    return { kind: "unknown", reason: `${who} returned no token`, retryAfterMs: null, requestSent: true };
  }
  const untilMs = clock() + token.seconds * 1000 - tokenMarginMs;
  return { kind: "authorized", header: `Bearer ${token.text}`, untilMs };
}

/** Describes an answer without a usable result. */
export function noAnswer(who: string, answer: Answer, now: number): NoAnswer {
  if (answer.kind !== "answered") {
    const requestSent = answer.kind === "unanswered";
    return { kind: "unknown", reason: `${who}: ${answer.reason}`, retryAfterMs: null, requestSent };
  }
  const reason = `${who} answered ${answer.status}`;
  if (answer.status === 401 || answer.status === 403) {
    return { kind: "unreadable", reason, status: answer.status };
  }
  const retryAfterMs = readRetryAfter(answer.header("retry-after"), now);
  return { kind: "unknown", reason, retryAfterMs, requestSent: true };
}

function basicOf({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Null if there is none that fits into a header. */
function readToken(text: string): { text: string; seconds: number } | null {
  const { token, access_token, expires_in } = parseJsonFields(text);
  const found = token ?? access_token;
  if (typeof found !== "string" || !/^[\x21-\x7e]{1,16384}$/.test(found)) return null;
  const seconds = typeof expires_in === "number" && expires_in > 0 ? expires_in : defaultTokenSeconds;
  return { text: found, seconds };
}
