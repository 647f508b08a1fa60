// The routes under /api, for scripts and the command line: a bearer token, JSON, errors as problems.
import { type Context, Hono } from "hono";
import type * as z from "zod/mini";
import { didYouMean } from "../core/did-you-mean.ts";
import { problemsOf, wordIssue } from "../core/expectation.ts";
import type { Pipeline } from "../core/pipeline.ts";
import { emptyState } from "../core/run.ts";
import { changeRun, startRun } from "../relay/change-run.ts";
import type { Relay } from "../relay/relay.ts";
import { listRequest, startRequest } from "./api-requests.ts";
import { problem } from "./problem.ts";
import { readJson } from "./read-json.ts";
import { isOneOf } from "./secrets.ts";
import { viewPipeline, viewRun, viewRunWithLog } from "./views.ts";

const bodyAtMostBytes = 64 * 1024;

export function createApi(relay: Relay, readToken: () => Promise<string>): Hono {
  const api = new Hono();

  // It holds nothing secret. It is made by openapi.ts ahead of time, and read when it is first asked for.
  api.get("/openapi.json", async (c) => {
    const { default: openapi } = await import("../../docs/openapi.json", { with: { type: "json" } });
    return c.json(openapi);
  });

  api.use(async (c, next) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    if (token !== undefined && isOneOf(token, [await readToken()])) return next();
    return problem(c, 401, "expected the API token, as in `Authorization: Bearer …`", {
      "www-authenticate": 'Bearer realm="tagrelay"',
    });
  });

  api.get("/pipelines", async (c) => {
    const names = [...relay.pipelines.keys()];
    const states = await relay.store.loadMany(names);
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
    withPipeline(c, relay, async (pipeline) => {
      const query = listRequest.safeParse(c.req.query(), {
        error: wordIssue,
        reportInput: true,
      });
      if (!query.success) return problem(c, 400, explain(query.error));
      const { limit, next } = query.data;
      const page = await relay.store.listRuns(pipeline.name, limit, next ?? null);
      return c.json({
        runs: page.runs.map(viewRun),
        ...(page.next === null ? {} : { next: page.next }),
      });
    }),
  );

  api.post("/pipelines/:pipeline/runs", (c) =>
    withPipeline(c, relay, async (pipeline) => answerStart(c, relay, pipeline)),
  );

  api.get("/runs/:run", async (c) => {
    const run = await relay.store.findRun(c.req.param("run"));
    return run === null ? unknownRun(c) : c.json(viewRunWithLog(run));
  });

  api.get("/runs/:run/steps/:step/output", async (c) => {
    const run = await relay.store.findRun(c.req.param("run"));
    if (run === null) return unknownRun(c);
    const output = await relay.triggers.commands?.readOutput(run.id, c.req.param("step"), null);
    if (output == null)
      return problem(c, 404, "there is no output: commands alone have some, where they are run");
    return c.text(output);
  });

  api.post("/runs/:run/cancel", (c) => answerChange(c, relay, "cancel"));
  api.post("/runs/:run/retry", (c) => answerChange(c, relay, "retry"));

  return api;
}

async function withPipeline(
  c: Context,
  relay: Relay,
  answer: (pipeline: Pipeline) => Promise<Response>,
): Promise<Response> {
  const name = c.req.param("pipeline") ?? "";
  const pipeline = relay.pipelines.get(name);
  if (pipeline !== undefined) return answer(pipeline);
  const hint = didYouMean(name, [...relay.pipelines.keys()]);
  return problem(c, 404, `there is no pipeline of this name${hint}`);
}

async function answerStart(c: Context, relay: Relay, pipeline: Pipeline): Promise<Response> {
  const body = await readJson(c.req.raw, bodyAtMostBytes);
  if (body.kind === "tooLarge") return problem(c, 413, "expected a body of at most 64 KiB");
  if (body.kind === "notJson") return problem(c, 400, body.reason);
  const request = startRequest.safeParse(body.kind === "empty" ? {} : body.value, {
    error: wordIssue,
    reportInput: true,
  });
  if (!request.success) return problem(c, 400, explain(request.error));
  const { from } = request.data;
  const names = pipeline.steps.map(({ name }) => name);
  if (from !== undefined && !names.includes(from)) {
    return problem(c, 404, `pipeline ${pipeline.name} has no step of this name${didYouMean(from, names)}`);
  }
  const started = await startRun(relay, pipeline, from ?? null);
  if (started.kind === "refused") return problem(c, 409, started.reason);
  const location = {
    location: `/api/runs/${encodeURIComponent(started.run.id)}`,
  };
  return c.json(viewRun(started.run), 201, location);
}

async function answerChange(c: Context, relay: Relay, what: "cancel" | "retry"): Promise<Response> {
  const changed = await changeRun(relay, c.req.param("run") ?? "", what);
  if (changed === null) return unknownRun(c);
  return changed.kind === "refused" ? problem(c, 409, changed.reason) : c.json(viewRun(changed.run));
}

function unknownRun(c: Context): Response {
  return problem(c, 404, "there is no run of this id");
}

function explain(error: z.core.$ZodError): string {
  return problemsOf(error)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ");
}
