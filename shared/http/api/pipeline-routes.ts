// The routes under /api/pipelines: list pipelines and their runs, and start a run.
import type { Context, Hono } from "hono";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { startRun } from "../../relay/change-run.ts";
import type { Relay } from "../../relay/relay.ts";
import { problemWithParameters } from "../../run/run-parameters.ts";
import { emptyState } from "../../run/state.ts";
import { didYouMean } from "../../validation/did-you-mean.ts";
import { problem } from "../problem.ts";
import { readQuery, readRequestBody } from "./read-request.ts";
import { listRequest, startRequest } from "./requests.ts";
import { viewPipeline, viewRun } from "./views.ts";

const maxBodyKiB = 64;
/** More names than these would hide what is wrong. */
const maxNames = 10;

export function addPipelineRoutes(api: Hono, relay: Relay): void {
  api.get("/pipelines", async (c) => {
    const states = await relay.store.loadMany([...relay.pipelines.keys()]);
    const pipelines = [...relay.pipelines.values()].map((pipeline) =>
      viewPipeline(pipeline, states.get(pipeline.name) ?? emptyState, relay.clock()),
    );
    return c.json({ pipelines });
  });

  api.get("/pipelines/:pipeline", (c) =>
    withPipeline(c, relay, async (pipeline) => {
      const { state } = await relay.store.load(pipeline.name);
      return c.json(viewPipeline(pipeline, state, relay.clock()));
    }),
  );

  api.get("/pipelines/:pipeline/runs", (c) =>
    withPipeline(c, relay, (pipeline) => answerRuns(c, relay, pipeline)),
  );

  api.post("/pipelines/:pipeline/runs", (c) =>
    withPipeline(c, relay, (pipeline) => answerStart(c, relay, pipeline)),
  );
}

async function withPipeline(
  c: Context,
  relay: Relay,
  answer: (pipeline: Pipeline) => Promise<Response>,
): Promise<Response> {
  const name = c.req.param("pipeline") ?? "";
  const pipeline = relay.pipelines.get(name);
  if (pipeline !== undefined) return answer(pipeline);
  const names = [...relay.pipelines.keys()];
  const all = names.length > maxNames ? "" : `; the pipelines are ${names.join(", ")}`;
  return problem(c, 404, `no pipeline has this name${didYouMean(name, names) || all}`);
}

async function answerRuns(c: Context, relay: Relay, pipeline: Pipeline): Promise<Response> {
  const query = readQuery(c, listRequest);
  if (query instanceof Response) return query;
  const { limit, next } = query;
  const page = await relay.store.listRuns(pipeline.name, limit, next ?? null);
  return c.json({ runs: page.runs.map(viewRun), ...(page.next === null ? {} : { next: page.next }) });
}

async function answerStart(c: Context, relay: Relay, pipeline: Pipeline): Promise<Response> {
  const request = await readRequestBody(c, startRequest, maxBodyKiB);
  if (request instanceof Response) return request;
  const { from, only, parameters } = request;
  const names = pipeline.steps.map(({ name }) => name);
  if (from !== undefined && !names.includes(from)) {
    const hint = didYouMean(from, names);
    return problem(c, 404, `pipeline ${pipeline.name} has no step with this name${hint}`);
  }
  const wrong = problemWithParameters(pipeline, parameters, relay.clock());
  if (wrong !== null) return problem(c, 400, wrong);
  const started = await startRun(relay, pipeline, from ?? null, { onlyStale: only === "stale", parameters });
  if (started.kind === "refused") return problem(c, 409, started.reason);
  const location = `/api/runs/${encodeURIComponent(started.run.id)}`;
  return c.json(viewRun(started.run), 201, { location });
}
