// The routes under /api, for scripts and the command line: a bearer token, JSON, errors as problems.
import { Hono } from "hono";
import type { Relay } from "../../relay/relay.ts";
import { hasApiToken, refuseWithoutApiToken } from "../api-token.ts";
import { addChannelRoutes } from "./channel-routes.ts";
import { addPipelineRoutes } from "./pipeline-routes.ts";
import { addRunRoutes } from "./run-routes.ts";
import { addStaleRoute } from "./stale-route.ts";

/** A new route must be described in openapi.ts, too: a test compares the two. */
export function createApi(
  relay: Relay,
  readToken: () => Promise<string>,
  addLocal: (api: Hono) => void,
): Hono {
  const api = new Hono();

  // Registered before the token is required: the description is public. openapi.ts makes it at build time.
  api.get("/openapi.json", async (c) => {
    const { default: openapi } = await import("../../../docs/openapi.json", { with: { type: "json" } });
    return c.json(openapi);
  });

  api.use(async (c, next) => {
    if (await hasApiToken(c, readToken)) return next();
    return refuseWithoutApiToken(c);
  });

  addLocal(api);
  addPipelineRoutes(api, relay);
  addRunRoutes(api, relay);
  addStaleRoute(api, relay);
  addChannelRoutes(api, relay);
  return api;
}
