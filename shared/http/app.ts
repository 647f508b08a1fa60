// The HTTP side of the program, the same on a machine and on Lambda.
import { Hono } from "hono";
import type { Relay } from "../relay/relay.ts";
import { StoreUnavailableError } from "../store/store.ts";
import { createApi } from "./api.ts";
import { takeDockerhubHook } from "./dockerhub-hook.ts";
import { createGithubHook } from "./github-hook.ts";
import { takeGitlabHook } from "./gitlab-hook.ts";
import type { ReadWebhookSecrets } from "./hook.ts";
import { problem } from "./problem.ts";

export type AppSecrets = {
  readWebhookSecrets: ReadWebhookSecrets;
  readApiToken: () => Promise<string>;
};

export function createApp(relay: Relay, { readWebhookSecrets, readApiToken }: AppSecrets): Hono {
  const app = new Hono();

  app.get("/", (c) =>
    c.text(
      "Tagrelay builds Docker images that are built from one another, in order.\nIts API is under /api.\n",
    ),
  );
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.post("/hooks/dockerhub/:secret", (c) => takeDockerhubHook(c, relay, readWebhookSecrets));
  app.post("/hooks/github", createGithubHook(relay, readWebhookSecrets));
  app.post("/hooks/gitlab", (c) => takeGitlabHook(c, relay, readWebhookSecrets));
  app.route("/api", createApi(relay, readApiToken));

  app.notFound((c) => problem(c, 404, "there is nothing here"));
  app.onError((error, c) => {
    if (error instanceof StoreUnavailableError) {
      relay.log("error", { event: "store.unavailable", reason: error.message });
      return problem(c, 503, "the store cannot be reached; ask again, what was done is not done twice", {
        "retry-after": "10",
      });
    }
    // Neither the path nor a URL is told: it may hold the webhook's secret.
    relay.log("error", {
      event: "request.failed",
      route: c.req.routePath,
      reason: `${error.name}: ${error.message.replace(/\bhttps?:\S+/gi, "(a URL)")}`,
    });
    return problem(c, 500, "something went wrong on this side; the log says what");
  });
  return app;
}
