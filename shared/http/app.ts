// The HTTP server's routes, the same in the local program and on Lambda.
import { Hono } from "hono";
import type { PageAccess } from "../pipeline/pipeline.ts";
import type { Relay } from "../relay/relay.ts";
import { createApi } from "./api/api.ts";
import { createBadges } from "./badge/badges.ts";
import { createDoneHook } from "./hooks/done.ts";
import { createGithubHook } from "./hooks/github.ts";
import { createGitlabHook } from "./hooks/gitlab.ts";
import { registerRegistryHooks } from "./hooks/registry.ts";
import type { ReadWebhookSecrets, RegistrySecret } from "./hooks/webhook-secrets.ts";
import { limitGuesses } from "./limit-guesses.ts";
import { createMetricsRoute, defaultMetrics, type MetricsOptions } from "./metrics.ts";
import { createPages } from "./pages/pages.ts";
import { problem } from "./problem.ts";
import { reportFailure } from "./report-failure.ts";

export type AppSecrets = {
  readWebhookSecrets: ReadWebhookSecrets;
  /** Registries with a webhook secret of their own. Default: none. */
  registrySecrets?: readonly RegistrySecret[];
  readApiToken: () => Promise<string>;
};

/** Registers routes and does no I/O. API Gateway's routes are made from these: see routes.ts. */
export function createApp(
  relay: Relay,
  { readWebhookSecrets, registrySecrets = [], readApiToken }: AppSecrets,
  pages: PageAccess = "token",
  metrics: MetricsOptions = defaultMetrics,
): Hono {
  const app = new Hono();

  app.use(limitGuesses(relay.clock));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/metrics", createMetricsRoute(relay, readApiToken, metrics));
  const webhookSecrets = { readSecrets: readWebhookSecrets, registrySecrets };
  registerRegistryHooks(app, relay, webhookSecrets);
  app.post("/hooks/github", createGithubHook(relay, webhookSecrets));
  app.post("/hooks/gitlab", createGitlabHook(relay, readWebhookSecrets));
  app.post("/hooks/done", createDoneHook(relay, readApiToken));
  app.route("/api", createApi(relay, readApiToken));
  if (pages !== "off") {
    app.route("/", createPages(relay, readApiToken, pages));
    app.route("/", createBadges(relay));
  }

  app.notFound((c) => problem(c, 404, "not found"));
  app.onError((error, c) => {
    const { status, detail, headers } = reportFailure(error, c, relay);
    return problem(c, status, detail, headers);
  });
  return app;
}
