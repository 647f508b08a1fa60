// The simulated Docker Hub's answers: tags, the registry, GitHub's tokens, and the triggers of all builders.
import { type Context, Hono } from "hono";
import { imageName } from "../../../shared/image/image.ts";
import type { SimulatedRequest } from "../../../shared/kinds/builder.ts";
import { imageSteps, type Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { simulatedDigest } from "./push-webhook.ts";
import { createRequestedBuilds, type RequestedBuild, standInSecret } from "./requested-builds.ts";

export function createRoutes(
  pipelines: readonly Pipeline[],
  startBuild: (image: string) => Promise<boolean>,
  pushedAtOf: (image: string) => number | null,
): Hono {
  const app = new Hono();
  const ownImages = new Set(pipelines.flatMap(imageSteps).map(({ image }) => imageName(image)));

  app.get("/v2/namespaces/:namespace/repositories/:repo/tags/:tag", (c) => {
    const { namespace, repo, tag } = c.req.param();
    return answerTag(c, tag, pushedAtOf(`${namespace}/${repo}:${tag}`));
  });

  app.get("/v2/namespaces/:namespace/repositories/:repo", (c) => c.json({ name: c.req.param("repo") }));

  // Docker Hub's registry and its token service. Upstream images never change.
  app.get("/token", (c) => c.json({ token: standInSecret }));
  app.get("/v2/:namespace/:repo/manifests/:tag", (c) => {
    const { namespace, repo, tag } = c.req.param();
    return c.json({}, 200, { "docker-content-digest": simulatedDigest(`${namespace}/${repo}:${tag}`, null) });
  });

  // Other registries: /at/<host>/v2/<repository>/manifests/<tag>.
  app.get("/at/:host/v2/:path{.+}/manifests/:tag", (c) => {
    const { host, path, tag } = c.req.param();
    const image = `${host}/${path}:${tag}`;
    const pushedAt = pushedAtOf(image);
    if (pushedAt === null && ownImages.has(image)) return c.json({ errors: [] }, 404);
    return c.json({}, 200, { "docker-content-digest": simulatedDigest(image, pushedAt) });
  });

  app.post("/app/installations/:installation/access_tokens", (c) => {
    const expires_at = new Date(Date.now() + 60 * 60_000).toISOString();
    return c.json({ token: standInSecret, expires_at }, 201);
  });

  // Any other request is a trigger, or unknown.
  const requestedBuilds = createRequestedBuilds(pipelines);
  app.all("*", (c) => answerTrigger(c, requestedBuilds, startBuild));

  // Its disk takes no more. The same answer as of a builder that is down, so that the trigger is sent again.
  app.onError((_error, c) => c.json({ message: "Service Unavailable" }, 503));
  return app;
}

async function answerTrigger(
  c: Context,
  requestedBuilds: (received: SimulatedRequest) => RequestedBuild[],
  startBuild: (image: string) => Promise<boolean>,
): Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const received = { method: c.req.method, path: `${pathname}${search}`, body: await c.req.text() };
  const requested = requestedBuilds(received);
  const [first] = requested;
  if (first === undefined) return c.json({ message: "Not Found" }, 404);
  const { status, text, textWhilePending = text } = first.simulation;
  const started = await Promise.all(requested.map(({ image }) => startBuild(image)));
  const answer = started.includes(true) ? text : textWhilePending;
  return new Response(answer === "" ? null : answer, { status });
}

function answerTag(c: Context, name: string, pushedAt: number | null): Response {
  if (pushedAt === null) return c.json({ message: "httperror 404: tag not found", errinfo: {} }, 404);
  const time = new Date(pushedAt).toISOString();
  return c.json({
    name,
    tag_last_pushed: time,
    last_updated: time,
    tag_status: "active",
    images: [],
  });
}
