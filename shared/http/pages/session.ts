// Who is signed in: whoever has shown the API token and got a cookie for it. Nothing is kept: the cookie tells when it
// ends, signed with a key made of the token, so that it ends with the token too.
import { createHmac } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { isOneOf } from "../secrets.ts";

const lastsMs = 12 * 60 * 60_000;

export type Sessions = {
  isSignedIn: (c: Context) => Promise<boolean>;
  /** Whether the token is the right one: then the cookie is set. */
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
      const end = String(clock() + lastsMs);
      setCookie(c, nameOf(c), `${end}.${sign(expected, end)}`, {
        ...attributesOf(c),
        maxAge: lastsMs / 1_000,
      });
      return true;
    },
    signOut: (c) => void deleteCookie(c, nameOf(c), attributesOf(c)),
  };
}

function sign(token: string, end: string): string {
  return createHmac("sha256", token).update(`tagrelay session until ${end}`).digest("base64url");
}

/** With this prefix no other site of the domain can set one, which browsers grant over https alone. */
function nameOf(c: Context): string {
  return isHttps(c) ? "__Host-tagrelay" : "tagrelay";
}

function attributesOf(c: Context) {
  return { path: "/", httpOnly: true, sameSite: "Strict", secure: isHttps(c) } as const;
}

/** A proxy in front of the program says so. Whoever forges that makes their own cookie stricter, and nothing else. */
function isHttps(c: Context): boolean {
  return c.req.url.startsWith("https:") || c.req.header("x-forwarded-proto") === "https";
}
