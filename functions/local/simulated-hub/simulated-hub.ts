// A Docker Hub (and everyone else who builds) that builds nothing, but answers, takes its time, and sends webhooks as
// the real one does: a real HTTP server of its own, for trying pipelines out.
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, Hono } from "hono";
import type { Pipeline } from "../../../shared/core/pipeline.ts";
import type { Send } from "../../../shared/outgoing/send.ts";
import { type Listening, listen } from "../server/listen.ts";
import { askedBuilds, imagesOfTrigger, standInSecret } from "./asked-builds.ts";
import { loadBuilds, type SimulatedBuild, saveBuilds } from "./builds.ts";

export type SimulatedHubOptions = {
  /** The file in which builds outlive the process. */
  path: string;
  pipelines: readonly Pipeline[];
  buildMs: (image: string) => number;
  webhookUrl: () => string;
  send: Send;
};

export type SimulatedHub = {
  origin: string;
  start: () => void;
  stop: () => Promise<void>;
};

const webhookAgainMs = 1_000;

export async function createSimulatedHub(options: SimulatedHubOptions): Promise<SimulatedHub> {
  const { path, buildMs, send } = options;
  const state = loadBuilds(path);
  const stopping = new AbortController();
  const save = () => saveBuilds(path, state);

  const follow = async (build: SimulatedBuild): Promise<void> => {
    await sleep(Math.max(0, build.endsAt - Date.now()), undefined, {
      signal: stopping.signal,
    });
    const pushedAt = build.pushedAt ?? Date.now();
    build.pushedAt = pushedAt;
    state.pushes = [
      ...state.pushes.filter(({ image }) => image !== build.image),
      { image: build.image, pushedAt },
    ];
    save();
    while (!(await deliver(send, options.webhookUrl(), build.image, pushedAt))) {
      await sleep(webhookAgainMs, undefined, { signal: stopping.signal });
    }
    state.builds = state.builds.filter((other) => other !== build);
    save();
  };
  const begin = (build: SimulatedBuild) => void follow(build).catch(() => undefined);

  /** Whether the build is begun; one that is pending already is not begun again. */
  const ask = (image: string): boolean => {
    if (state.builds.some((build) => build.image === image && build.pushedAt === null)) return false;
    const build: SimulatedBuild = {
      image,
      endsAt: Date.now() + buildMs(image),
      pushedAt: null,
    };
    state.builds = [...state.builds, build];
    save();
    begin(build);
    return true;
  };

  const pushedAtOf = (image: string) => state.pushes.find((push) => push.image === image)?.pushedAt ?? null;
  const server: Listening = await listen(routes(options.pipelines, ask, pushedAtOf).fetch, "127.0.0.1", 0);
  return {
    origin: server.origin,
    start: () => state.builds.forEach(begin),
    stop: async () => {
      stopping.abort();
      await server.close();
    },
  };
}

function routes(
  pipelines: readonly Pipeline[],
  ask: (image: string) => boolean,
  pushedAtOf: (image: string) => number | null,
): Hono {
  const app = new Hono();

  app.post("/u/:namespace/:repo/trigger/:token/", async (c) => {
    const repository = `${c.req.param("namespace")}/${c.req.param("repo")}`;
    const images = imagesOfTrigger(pipelines, repository, await c.req.json());
    const begun = images.filter(ask);
    if (images.length > 0 && begun.length === 0) {
      return c.text(`A build for tag ${images[0]?.split(":")[1]} is already pending. Ignoring request.`);
    }
    return c.text("OK");
  });

  app.get("/v2/namespaces/:namespace/repositories/:repo/tags/:tag", (c) => {
    const { namespace, repo, tag } = c.req.param();
    return tellTag(c, tag, pushedAtOf(`${namespace}/${repo}:${tag}`));
  });

  app.get("/v2/namespaces/:namespace/repositories/:repo", (c) => c.json({ name: c.req.param("repo") }));

  // The registry, and who gives out its tokens. An image from elsewhere never changes.
  app.get("/token", (c) => c.json({ token: standInSecret }));
  app.get("/v2/:namespace/:repo/manifests/:tag", (c) => {
    const { namespace, repo, tag } = c.req.param();
    const digest = createHash("sha256").update(`${namespace}/${repo}:${tag}`).digest("hex");
    return c.json({}, 200, { "docker-content-digest": `sha256:${digest}` });
  });

  app.post("/app/installations/:installation/access_tokens", (c) => {
    const expires_at = new Date(Date.now() + 60 * 60_000).toISOString();
    return c.json({ token: standInSecret, expires_at }, 201);
  });

  // Everyone else who builds.
  app.all("*", async (c) => {
    const { pathname, search } = new URL(c.req.url);
    const request = { method: c.req.method, path: `${pathname}${search}`, body: await c.req.text() };
    const asked = askedBuilds(pipelines, request);
    for (const { image } of asked) ask(image);
    const [first] = asked;
    if (first === undefined) return c.json({ message: "Not Found" }, 404);
    return new Response(null, { status: first.status });
  });

  return app;
}

function tellTag(c: Context, name: string, pushedAt: number | null): Response {
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

async function deliver(send: Send, url: string, image: string, pushedAt: number): Promise<boolean> {
  const [repository = "", tag = ""] = image.split(":");
  const [namespace = "", name = ""] = repository.split("/");
  const body = {
    push_data: {
      pushed_at: Math.floor(pushedAt / 1000),
      pusher: namespace,
      tag,
      images: [],
    },
    repository: {
      name,
      namespace,
      owner: namespace,
      repo_name: repository,
      repo_url: `https://hub.docker.com/r/${repository}`,
      is_private: false,
      is_official: false,
      status: "Active",
    },
  };
  const answer = await send({
    method: "POST",
    url,
    headers: {
      "content-type": "application/json",
      "user-agent": "python-requests/2.32.3",
    },
    body: JSON.stringify(body),
    timeoutMs: 15_000,
  });
  return answer.kind === "answered" && answer.status === 200;
}
