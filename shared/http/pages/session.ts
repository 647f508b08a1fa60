// Sessions of viewers who signed in with the API token. The server stores none: the cookie holds its end, signed with the
// token, so a new token ends all sessions.
import { createHmac } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { isOneOf } from "../is-one-of.ts";

const sessionMs = 12 * 60 * 60_000;

export type Sessions = {
  isSignedIn: (c: Context) => Promise<boolean>;
  /** Sets the cookie if the token is right, and returns whether it is. */
  signIn: (c: Context, token: string) => Promise<boolean>;
  signOut: (c: Context) => void;
};

export function createSessions(readToken: () => Promise<string>, clock: () => number): Sessions {
  return {
    isSignedIn: async (c) => {
      const [, end = "", signature = ""] =
        /^(\d{1,16})\.([\w-]{43})$/.exec(getCookie(c, nameOf(c)) ?? "") ?? [];
      if (signature === "" || Number(end) <= clock()) return false;
      return isOneOf(signature, [sign(await readToken(), end)]);
    },
    signIn: async (c, token) => {
      const expected = await readToken();
      if (!isOneOf(token, [expected])) return false;
      const end = String(clock() + sessionMs);
      setCookie(c, nameOf(c), `${end}.${sign(expected, end)}`, {
        ...attributesOf(c),
        maxAge: sessionMs / 1_000,
      });
      return true;
    },
    signOut: (c) => void deleteCookie(c, nameOf(c), attributesOf(c)),
  };
}

function sign(token: string, end: string): string {
  return createHmac("sha256", token).update(`tagrelay session until ${end}`).digest("base64url");
}

/** With the prefix `__Host-`, other sites of the domain cannot set the cookie. Browsers allow it over https only. */
function nameOf(c: Context): string {
  return isHttps(c) ? "__Host-tagrelay" : "tagrelay";
}

function attributesOf(c: Context) {
  return { path: "/", httpOnly: true, sameSite: "Strict", secure: isHttps(c) } as const;
}

/** Clients can forge the proxy's header, but only make their own cookie stricter. */
function isHttps(c: Context): boolean {
  return c.req.url.startsWith("https:") || c.req.header("x-forwarded-proto") === "https";
}
