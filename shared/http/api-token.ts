// Checks the API token of a request: `Authorization: Bearer …`.
import type { Context } from "hono";
import { isOneOf } from "./is-one-of.ts";
import { problem } from "./problem.ts";

export function bearerTokenOf(c: Context): string | null {
  const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  return token ?? null;
}

/** Reads the token only if the request has one to compare. */
export async function hasApiToken(c: Context, readToken: () => Promise<string>): Promise<boolean> {
  const token = bearerTokenOf(c);
  return token !== null && isOneOf(token, [await readToken()]);
}

/** `advice` says what else would do. */
export function refuseWithoutApiToken(c: Context, advice = ""): Response {
  return problem(c, 401, `expected the API token, as in \`Authorization: Bearer …\`${advice}`, {
    "www-authenticate": 'Bearer realm="tagrelay"',
  });
}
