// Middleware: refuses requests that come from pages of other sites. The session cookie's SameSite attribute already keeps
// it out of such requests; this also covers old browsers, and signing in, which needs no cookie.
import type { MiddlewareHandler } from "hono";

export type RequestHeaders = {
  fetchSite: string | undefined;
  origin: string | undefined;
  host: string | undefined;
};

export function isSameSite({ fetchSite, origin, host }: RequestHeaders): boolean {
  // Browsers send this header to https and to localhost.
  if (fetchSite !== undefined) return fetchSite === "same-origin" || fetchSite === "none";
  // A proxy may change the scheme, but not the host.
  return origin !== undefined && URL.parse(origin)?.host === host;
}

export function requireSameSite(
  refuse: (c: Parameters<MiddlewareHandler>[0]) => Response | Promise<Response>,
): MiddlewareHandler {
  return async (c, next) => {
    const headers = {
      fetchSite: c.req.header("sec-fetch-site"),
      origin: c.req.header("origin"),
      host: c.req.header("host") ?? new URL(c.req.url).host,
    };
    if (!isSameSite(headers)) return refuse(c);
    return next();
  };
}
