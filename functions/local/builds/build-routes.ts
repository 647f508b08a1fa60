// The routes of builds that belong to no pipeline: ask for one, look at it, follow its output, cancel it.
import type { Context, Hono } from "hono";
import type { BuildAnswer } from "../../../shared/http/api/answers.ts";
import { buildRequest } from "../../../shared/http/api/build-request.ts";
import { readRequestBody } from "../../../shared/http/api/read-request.ts";
import { hasApiToken, refuseWithoutApiToken } from "../../../shared/http/api-token.ts";
import type { LocalRoutes } from "../../../shared/http/app.ts";
import { problem } from "../../../shared/http/problem.ts";
import type { EventStreams } from "../output/event-stream.ts";
import { answerEvents, wantsEvents } from "../output/output-routes.ts";
import type { Build, ContextFiles } from "./build-files.ts";
import { followBuild } from "./build-output.ts";
import type { Builds } from "./builds.ts";
import { readDockerfile, readImageName } from "./read-dockerfile.ts";
import { buildStep } from "./run-build.ts";

const maxBodyKiB = 1024;

/** `builds` is null if they are not configured. */
export function createBuildRoutes(
  builds: Builds | null,
  streams: EventStreams,
  { hasB1Route }: { hasB1Route: boolean },
): LocalRoutes {
  return {
    api: (api) => addApiRoutes(api, builds, streams),
    app: (app, readApiToken) => {
      if (hasB1Route && builds !== null) addB1Route(app, builds, readApiToken);
    },
  };
}

function addApiRoutes(api: Hono, builds: Builds | null, streams: EventStreams): void {
  const withBuild =
    (answer: (c: Context, build: Build, configured: Builds) => Response | Promise<Response>) =>
    (c: Context) => {
      const build = builds?.find(c.req.param("build") ?? "") ?? null;
      if (builds === null || build === null) return problem(c, 404, "no build has this id");
      return answer(c, build, builds);
    };
  api.get("/builds", (c) => c.json({ builds: (builds?.list() ?? []).map(viewBuild) }));
  api.post("/builds", async (c) => {
    const request = await readRequestBody(c, buildRequest, maxBodyKiB);
    if (request instanceof Response) return request;
    const { image, dockerfile, files } = request;
    const asked = await ask(c, builds, image, dockerfile, new Map(Object.entries(files ?? {})));
    if (asked instanceof Response) return asked;
    return c.json(viewBuild(asked), 201, { location: `/api/builds/${asked.id}` });
  });
  api.get(
    "/builds/:build",
    withBuild((c, build) => c.json(viewBuild(build))),
  );
  api.post(
    "/builds/:build/cancel",
    withBuild(async (c, build, { cancel }) => {
      const cancelled = await cancel(build.id);
      if (cancelled === null) return problem(c, 409, "the build is over already");
      return c.json(viewBuild(cancelled));
    }),
  );
  api.get(
    "/builds/:build/output",
    withBuild(async (c, build, configured) => {
      if (wantsEvents(c)) {
        return answerEvents(c, streams, (after, tailBytes, signal) =>
          followBuild(configured, build.id, { after, tailBytes, signal }),
        );
      }
      return c.text((await configured.commands.readOutput(build.id, buildStep, null)) ?? "");
    }),
  );
}

/** As older build services have it. A browser cannot send the token, so that no page elsewhere can start a build. */
function addB1Route(app: Hono, builds: Builds, readApiToken: () => Promise<string>): void {
  app.get("/b1/build", async (c) => {
    if (!(await hasApiToken(c, readApiToken))) return refuseWithoutApiToken(c);
    // In a query, a + of base64 is read as a space.
    const dockerfile = (c.req.query("dockerfile") ?? "").replaceAll(" ", "+");
    const asked = await ask(c, builds, c.req.query("imagename") ?? "", dockerfile, new Map());
    return asked instanceof Response ? asked : c.text(asked.id);
  });
}

const busySeconds = 30;

async function ask(
  c: Context,
  builds: Builds | null,
  imageText: string,
  dockerfileText: string,
  files: ContextFiles,
): Promise<Build | Response> {
  if (builds === null) {
    return problem(
      c,
      409,
      "expected `builds` in the configuration, which says how builds are run, found none",
    );
  }
  const image = readImageName(imageText);
  if (image.kind === "problem") return problem(c, 400, image.problem);
  const dockerfile = readDockerfile(dockerfileText);
  if (dockerfile.kind === "problem") return problem(c, 400, dockerfile.problem);
  const asked = await builds.ask(image.value, new Map([...files, ["Dockerfile", dockerfile.value]]));
  if (asked.kind === "asked") return asked.build;
  const detail = `${asked.queued} builds are waiting already, and no more may; ask again later`;
  return problem(c, 429, detail, { "retry-after": String(busySeconds) });
}

const iso = (instant: number) => new Date(instant).toISOString();

function viewBuild({ id, image, status, queuedAt, startedAt, endedAt, reason, builder }: Build): BuildAnswer {
  return {
    id,
    image,
    status,
    queuedAt: iso(queuedAt),
    ...(startedAt === null ? {} : { startedAt: iso(startedAt) }),
    ...(endedAt === null ? {} : { endedAt: iso(endedAt) }),
    ...(reason === null ? {} : { reason }),
    ...(builder === null ? {} : { builder }),
  };
}
