// Describes the API in OpenAPI 3.1, from the schemas of its requests and answers. The result is docs/openapi.json, which
// /api/openapi.json serves; a test checks that the file is up to date, and updates it with `-u`.
import * as z from "zod";
import { problemType } from "../problem.ts";
import {
  buildAnswer,
  buildsAnswer,
  channelTestAnswer,
  named,
  pipelineAnswer,
  pipelinesAnswer,
  problemAnswer,
  rollbackAnswer,
  runAnswer,
  runsAnswer,
  runWithLogAnswer,
  staleAnswer,
} from "./answers.ts";
import { buildRequest } from "./build-request.ts";
import { listRequest, staleRequest, startRequest } from "./requests.ts";

type Answer = {
  description: string;
  schema: z.ZodType;
  type?: string;
  /** What it is for those who ask for server-sent events. */
  events?: z.ZodType;
  headers?: Record<string, unknown>;
};
type Route = {
  path: string;
  method: "get" | "post";
  operationId: string;
  summary: string;
  query?: z.core.$ZodObject;
  body?: z.core.$ZodType;
  answers: Record<number, Answer>;
  /** True if the route needs no token. */
  isPublic?: boolean;
};

const ok = (description: string, schema: z.ZodType): Record<number, Answer> => ({
  200: { description, schema },
});
const refusal = (description: string, headers?: Record<string, unknown>): Answer => ({
  description,
  schema: problemAnswer,
  type: problemType,
  ...(headers === undefined ? {} : { headers }),
});
const header = (description: string) => ({ description, required: true, schema: { type: "string" } });

const invalid = refusal("The request is invalid");
const unknownPipeline = refusal("No pipeline has this name");
const unknownChannel = refusal("No channel has this name");
const unknownRun = refusal("No run has this id");
const unknownBuild = refusal("No build has this id");
const runOrProblem = (conflict: string): Record<number, Answer> => ({
  ...ok("The changed run", runAnswer),
  404: unknownRun,
  409: refusal(conflict),
});

const output: Answer = {
  description: "The output, with secrets masked",
  schema: z.string(),
  type: "text/plain",
  events: z
    .string()
    .describe(
      "The events `output` ({attempt, text}), `omitted` ({attempt, bytes}), `failed` ({attempt, reason}) and, as the last, `end` ({outcome, reason?}). `Last-Event-ID` goes on after an event; after `end`, the answer is 204.",
    ),
};

const routes: Route[] = [
  {
    path: "/api/openapi.json",
    method: "get",
    operationId: "describe",
    isPublic: true,
    summary: "Describe the API",
    answers: ok("This document", z.looseObject({ openapi: z.string() })),
  },
  {
    path: "/api/pipelines",
    method: "get",
    operationId: "listPipelines",
    summary: "List all pipelines, each with its active or last run",
    answers: ok("The pipelines, in the order of the configuration", pipelinesAnswer),
  },
  {
    path: "/api/pipelines/{pipeline}",
    method: "get",
    operationId: "getPipeline",
    summary: "Get a pipeline with its steps, its starts, and its active or last run",
    answers: { ...ok("The pipeline", pipelineAnswer), 404: unknownPipeline },
  },
  {
    path: "/api/pipelines/{pipeline}/runs",
    method: "get",
    operationId: "listRuns",
    summary: "List the runs of a pipeline, newest first, in pages",
    query: listRequest,
    answers: { ...ok("A page of runs", runsAnswer), 400: invalid, 404: unknownPipeline },
  },
  {
    path: "/api/pipelines/{pipeline}/runs",
    method: "post",
    operationId: "startRun",
    summary: "Start a run of the whole pipeline, or from a step on",
    body: startRequest,
    answers: {
      201: {
        description: "The run was started",
        schema: runAnswer,
        headers: { location: header("The path of the run.") },
      },
      400: invalid,
      404: refusal("No pipeline or step has this name"),
      409: refusal("A run is active"),
      413: refusal("The body is larger than 64 KiB"),
    },
  },
  {
    path: "/api/stale",
    method: "get",
    operationId: "listStale",
    summary: "Look up at the registries whether images stand on what their bases are now",
    query: staleRequest,
    answers: { ...ok("All images, in the order of the configuration", staleAnswer), 404: unknownPipeline },
  },
  {
    path: "/api/channels/{channel}/test",
    method: "post",
    operationId: "testChannel",
    summary: "Send a test notice to a channel",
    answers: { ...ok("What came of it", channelTestAnswer), 404: unknownChannel },
  },
  {
    path: "/api/runs/{run}",
    method: "get",
    operationId: "getRun",
    summary: "Get a run with its steps and its log",
    answers: { ...ok("The run", runWithLogAnswer), 404: unknownRun },
  },
  {
    path: "/api/runs/{run}/cancel",
    method: "post",
    operationId: "cancelRun",
    summary: "Cancel a run: its commands and builds of CodeBuild are stopped, and other builds go on",
    answers: runOrProblem("The run has ended already"),
  },
  {
    path: "/api/runs/{run}/rollback",
    method: "post",
    operationId: "rollBack",
    summary: "Point the tags that a run pushed back to what they pointed to before. May be repeated",
    answers: {
      ...ok("What came of each step", rollbackAnswer),
      404: unknownRun,
      409: refusal("A run of the pipeline is active"),
    },
  },
  {
    path: "/api/runs/{run}/retry",
    method: "post",
    operationId: "retryRun",
    summary: "Retry the last run of a pipeline if it failed or was cancelled: steps that are done stay done",
    answers: runOrProblem("The run is active, has succeeded, or is not the pipeline's last run"),
  },
  {
    path: "/api/runs/{run}/steps/{step}/approve",
    method: "post",
    operationId: "approveGate",
    summary: "Let a gate pass, whatever its job says. What comes after it goes on",
    answers: runOrProblem("The run is over, has no such gate, or the gate does not wait"),
  },
  {
    path: "/api/runs/{run}/steps/{step}/output",
    method: "get",
    operationId: "getOutput",
    summary:
      "Get the output of the last attempt of a step's command; with `Accept: text/event-stream`, also what follows until the step is over",
    answers: {
      200: output,
      404: refusal("No run has this id, or the step has no output"),
    },
  },
  {
    path: "/api/builds",
    method: "get",
    operationId: "listBuilds",
    summary:
      "List the builds that were asked for with a Dockerfile; on one machine only, like all that is below /api/builds",
    answers: ok("The builds", buildsAnswer),
  },
  {
    path: "/api/builds",
    method: "post",
    operationId: "startBuild",
    summary: "Build and push an image of a Dockerfile",
    body: buildRequest,
    answers: {
      201: {
        description: "The build has begun, or waits for its turn",
        schema: buildAnswer,
        headers: { location: header("The path of the build.") },
      },
      400: invalid,
      409: refusal("The configuration has no `builds`"),
      413: refusal("The body is larger than 1 MiB"),
      429: refusal("Too many builds are waiting, or too many wrong tokens came from this address", {
        "retry-after": header("When to try again, in seconds."),
      }),
    },
  },
  {
    path: "/api/builds/{build}",
    method: "get",
    operationId: "getBuild",
    summary: "Get a build",
    answers: { ...ok("The build", buildAnswer), 404: unknownBuild },
  },
  {
    path: "/api/builds/{build}/cancel",
    method: "post",
    operationId: "cancelBuild",
    summary: "Cancel a build. If it has begun, its command is stopped",
    answers: {
      ...ok("The cancelled build", buildAnswer),
      404: unknownBuild,
      409: refusal("The build is over"),
    },
  },
  {
    path: "/api/builds/{build}/output",
    method: "get",
    operationId: "getBuildOutput",
    summary:
      "Get the output of a build so far; with `Accept: text/event-stream`, also what follows until the build is over",
    answers: { 200: output, 404: unknownBuild },
  },
];

/** Answers that every route can give. */
const commonAnswers = {
  Unauthorized: refusal("The token is missing or wrong", { "www-authenticate": header("`Bearer`") }),
  TooManyGuesses: refusal("Too many wrong tokens came from this address", {
    "retry-after": header("When to try again, in seconds."),
  }),
  Failed: refusal("Something went wrong on the server; see its log"),
  Unavailable: refusal("The store cannot be reached; nothing is half done", {
    "retry-after": header("When to try again, in seconds."),
  }),
};
const common = (name: keyof typeof commonAnswers) => ({ $ref: `#/components/responses/${name}` });

const parameterDescriptions = new Map([
  ["pipeline", "The name of a pipeline."],
  ["run", "The id of a run."],
  ["step", "The name of a step."],
  ["channel", "The name of a channel."],
  ["build", "The id of a build."],
]);

const nameOf = (id: string) => `#/components/schemas/${id}`;
const jsonSchema = {
  io: "input",
  // zod adds the range of JavaScript's safe integers to every integer.
  override: ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  },
} as const;

/** A reference if the schema has a name, or else the schema itself. */
function describe(schema: z.core.$ZodType): unknown {
  const name = named.get(schema);
  return name === undefined ? bare(z.toJSONSchema(schema, jsonSchema)) : { $ref: nameOf(name.id) };
}

function bare(schema: z.core.JSONSchema.BaseSchema): unknown {
  const { $schema: _dialect, $id: _id, ...rest } = schema;
  return rest;
}

function describeAnswer({ description, schema, type = "application/json", events, headers }: Answer) {
  return {
    description,
    ...(headers === undefined ? {} : { headers }),
    content: {
      [type]: { schema: describe(schema) },
      ...(events === undefined ? {} : { "text/event-stream": { schema: describe(events) } }),
    },
  };
}

function describeParameters({ path, query }: Route) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: parameterDescriptions.get(name) ?? name,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query?._zod.def.shape ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    description: z.globalRegistry.get(schema)?.description ?? name,
    schema: bare(z.toJSONSchema(schema, jsonSchema)),
  }));
  return [...inPath, ...inQuery];
}

function describeRoute(route: Route) {
  const { operationId, summary, body, isPublic = false } = route;
  return {
    operationId,
    summary,
    ...(isPublic ? { security: [] } : {}),
    parameters: describeParameters(route),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            ...(z.safeParse(body, {}).success ? {} : { required: true }),
            content: { "application/json": { schema: describe(body) } },
          },
        }),
    responses: {
      ...(isPublic ? {} : { 401: common("Unauthorized"), 429: common("TooManyGuesses") }),
      ...mapValues(route.answers, describeAnswer),
      500: common("Failed"),
      503: common("Unavailable"),
    },
  };
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function describePaths() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method]: describeRoute(route) };
  return paths;
}

function describeSchemas() {
  const { schemas } = z.toJSONSchema(named, { ...jsonSchema, uri: nameOf });
  return mapValues(schemas, bare);
}

export const openapi = {
  openapi: "3.1.1",
  info: {
    title: "Tagrelay",
    version: "1",
    license: { name: "MIT", identifier: "MIT" },
    description: "Rebuilds families of Docker images in order.",
  },
  servers: [{ url: "/" }],
  security: [{ token: [] }],
  paths: describePaths(),
  components: {
    securitySchemes: {
      token: { type: "http", scheme: "bearer", description: "The value of TAGRELAY_API_TOKEN." },
    },
    schemas: describeSchemas(),
    responses: mapValues(commonAnswers, describeAnswer),
  },
};
