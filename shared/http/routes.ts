// Lists the app's routes, so that the routes of API Gateway can be made from them.
import type { Hono } from "hono";
import { realOrigins } from "../outgoing/origins.ts";
import type { PageAccess } from "../pipeline/pipeline.ts";
import { createRelay } from "../relay/relay.ts";
import { createApp } from "./app.ts";

/** `path` has Hono's syntax: `/runs/:run`. */
export type Route = { method: string; path: string };

/** Each route once. Only middleware is registered for all methods. */
export function routesOf({ routes }: Pick<Hono, "routes">): Route[] {
  const found = new Map<string, Route>();
  for (const { method, path } of routes) {
    if (method !== "ALL") found.set(`${method} ${path}`, { method, path });
  }
  return [...found.values()];
}

/** The routes of the app, without a store or secrets to run it. */
export function listRoutes(pages: PageAccess = "token"): Route[] {
  const relay = createRelay([], {
    store: {
      load: unavailable,
      loadMany: unavailable,
      save: unavailable,
      listDue: unavailable,
      findRun: unavailable,
      listRuns: unavailable,
    },
    slots: { acquire: unavailable, release: unavailable, releaseIfUnchanged: unavailable },
    builderContext: {
      send: unavailable,
      origins: realOrigins,
      readSecret: unavailable,
      commands: null,
      clock: unavailable,
    },
    lookUpTag: unavailable,
    moveTag: unavailable,
    readContent: {
      readDigest: unavailable,
      readImage: unavailable,
      readDiffIds: unavailable,
      readCreated: unavailable,
      readMaterials: unavailable,
    },
    clock: unavailable,
    random: unavailable,
    sleep: unavailable,
    log: unavailable,
    observe: unavailable,
  });
  return routesOf(createApp(relay, { readWebhookSecrets: unavailable, readApiToken: unavailable }, pages));
}

function unavailable(): never {
  throw new Error("expected routes to be listed only, found a request to one; use createApp to serve them");
}
