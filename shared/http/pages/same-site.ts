// Refuses what another site's page makes a browser send. The cookie is kept from such requests already (SameSite): this
// holds where a browser does not know that, and for signing in, which needs no cookie.
import type { MiddlewareHandler } from "hono";

export type RequestHeaders = {
  fetchSite: string | undefined;
  origin: string | undefined;
  host: string | undefined;
};

export function isSameSite({ fetchSite, origin, host }: RequestHeaders): boolean {
  // What browsers say of a request themselves, to https and to this machine.
  if (fetchSite !== undefined) return fetchSite === "same-origin" || fetchSite === "none";
  // Behind a proxy the scheme may be another, not the host.
  return origin !== undefined && URL.parse(origin)?.host === host;
}

export function sameSite(
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
