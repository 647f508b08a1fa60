// The HTTP server's routes, the same in the local program and on Lambda.
import { Hono, type MiddlewareHandler } from "hono";
import type { PageAccess } from "../pipeline/pipeline.ts";
import type { Relay } from "../relay/relay.ts";
import { createApi } from "./api/api.ts";
import { createBadges } from "./badge/badges.ts";
import { createBitbucketHook } from "./hooks/bitbucket.ts";
import { createDoneHook } from "./hooks/done.ts";
import { createGithubHook } from "./hooks/github.ts";
import { createGitlabHook } from "./hooks/gitlab.ts";
import { registerRegistryHooks } from "./hooks/registry.ts";
import type { ReadWebhookSecrets, RegistrySecret } from "./hooks/webhook-secrets.ts";
import { limitGuesses } from "./limit-guesses.ts";
import { createMetricsRoute, defaultMetrics, type MetricsOptions } from "./metrics.ts";
import type { ViewerEnv } from "./pages/admit.ts";
import { createPages } from "./pages/pages.ts";
import { problem } from "./problem.ts";
import { reportFailure } from "./report-failure.ts";

export type AppSecrets = {
  readWebhookSecrets: ReadWebhookSecrets;
  /** Registries with a webhook secret of their own. Default: none. */
  registrySecrets?: readonly RegistrySecret[];
  readApiToken: () => Promise<string>;
};

/**
 * Routes that only the local program has. They are registered before those of the API and the pages that all have, and may call
 * `next()`.
 */
export type LocalRoutes = {
  /** Under /api, behind the API token. */
  api?: (api: Hono) => void;
  /** `admitted` lets in people who are signed in. */
  pages?: (pages: Hono<ViewerEnv>, admitted: MiddlewareHandler<ViewerEnv>) => void;
  app?: (app: Hono, readApiToken: () => Promise<string>) => void;
};

/** Registers routes and does no I/O. API Gateway's routes are made from these: see routes.ts. */
export function createApp(
  relay: Relay,
  { readWebhookSecrets, registrySecrets = [], readApiToken }: AppSecrets,
  pages: PageAccess = "token",
  metrics: MetricsOptions = defaultMetrics,
  local: readonly LocalRoutes[] = [],
): Hono {
  const app = new Hono();

  app.use(limitGuesses(relay.clock));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/metrics", createMetricsRoute(relay, readApiToken, metrics));
  const webhookSecrets = { readSecrets: readWebhookSecrets, registrySecrets };
  registerRegistryHooks(app, relay, webhookSecrets);
  app.post("/hooks/github", createGithubHook(relay, webhookSecrets));
  app.post("/hooks/gitlab", createGitlabHook(relay, readWebhookSecrets));
  app.post("/hooks/bitbucket", createBitbucketHook(relay, readWebhookSecrets));
  app.post("/hooks/done", createDoneHook(relay, readApiToken));
  app.route(
    "/api",
    createApi(relay, readApiToken, (api) => addAll(local, (routes) => routes.api?.(api))),
  );
  addAll(local, (routes) => routes.app?.(app, readApiToken));
  if (pages !== "off") {
    const addLocal = (to: Hono<ViewerEnv>, admitted: MiddlewareHandler<ViewerEnv>) =>
      addAll(local, (routes) => routes.pages?.(to, admitted));
    app.route("/", createPages(relay, readApiToken, pages, addLocal));
    app.route("/", createBadges(relay));
  }

  app.notFound((c) => problem(c, 404, "not found"));
  app.onError((error, c) => {
    const { status, detail, headers } = reportFailure(error, c, relay);
    return problem(c, status, detail, headers);
  });
  return app;
}

function addAll(local: readonly LocalRoutes[], add: (routes: LocalRoutes) => void): void {
  for (const routes of local) add(routes);
}
