// The HTTP side of the program, the same on a machine and on Lambda.
import { Hono } from "hono";
import type { PageAccess } from "../core/pipeline.ts";
import type { Relay } from "../relay/relay.ts";
import { createApi } from "./api.ts";
import { createBadges } from "./badge/badges.ts";
import { takeDockerhubHook } from "./dockerhub-hook.ts";
import { createGithubHook } from "./github-hook.ts";
import { takeGitlabHook } from "./gitlab-hook.ts";
import type { ReadWebhookSecrets } from "./hook.ts";
import { createPages } from "./pages/pages.ts";
import { problem } from "./problem.ts";
import { tellFailure } from "./tell-failure.ts";

export type AppSecrets = {
  readWebhookSecrets: ReadWebhookSecrets;
  readApiToken: () => Promise<string>;
};

export function createApp(
  relay: Relay,
  { readWebhookSecrets, readApiToken }: AppSecrets,
  pages: PageAccess = "token",
): Hono {
  const app = new Hono();

  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.post("/hooks/dockerhub/:secret", (c) => takeDockerhubHook(c, relay, readWebhookSecrets));
  app.post("/hooks/github", createGithubHook(relay, readWebhookSecrets));
  app.post("/hooks/gitlab", (c) => takeGitlabHook(c, relay, readWebhookSecrets));
  app.route("/api", createApi(relay, readApiToken));
  if (pages !== "off") {
    app.route("/", createPages(relay, readApiToken, pages));
    app.route("/", createBadges(relay));
  }

  app.notFound((c) => problem(c, 404, "there is nothing here"));
  app.onError((error, c) => {
    const { status, detail, headers } = tellFailure(error, c, relay);
    return problem(c, status, detail, headers);
  });
  return app;
}
