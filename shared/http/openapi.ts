// The routes of the API in OpenAPI 3.1, made of the schemas that they parse and answer by. What comes of it is kept in
// docs/openapi.json and served as /api/openapi.json; a test compares the two, and writes it anew.
import * as z from "zod";
import {
  named,
  pipelineAnswer,
  pipelinesAnswer,
  problemAnswer,
  runAnswer,
  runsAnswer,
  runWithLogAnswer,
} from "./api-answers.ts";
import { listRequest, startRequest } from "./api-requests.ts";
import { problemType } from "./problem.ts";

type Answer = { description: string; schema: z.ZodType; type?: string; headers?: Record<string, unknown> };
type Route = {
  path: string;
  method: "get" | "post";
  operationId: string;
  summary: string;
  query?: z.core.$ZodObject;
  body?: z.core.$ZodType;
  answers: Record<number, Answer>;
  /** Whether anybody may ask, without the token. */
  isOpen?: boolean;
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

const invalid = refusal("What was sent is not as it should be");
const unknownPipeline = refusal("There is no pipeline of this name");
const unknownRun = refusal("There is no run of this id");
const runOrProblem = (conflict: string): Record<number, Answer> => ({
  ...ok("The run as it is now", runAnswer),
  404: unknownRun,
  409: refusal(conflict),
});

const routes: Route[] = [
  {
    ...{ path: "/api/openapi.json", method: "get", operationId: "describe", isOpen: true },
    summary: "This description",
    answers: ok("OpenAPI 3.1", z.looseObject({ openapi: z.string() })),
  },
  {
    ...{ path: "/api/pipelines", method: "get", operationId: "listPipelines" },
    summary: "All pipelines, each with its active or else its last run",
    answers: ok("The pipelines, as the configuration has them", pipelinesAnswer),
  },
  {
    ...{ path: "/api/pipelines/{pipeline}", method: "get", operationId: "getPipeline" },
    summary: "A pipeline with its steps, what starts it and when next, and its last run",
    answers: { ...ok("The pipeline", pipelineAnswer), 404: unknownPipeline },
  },
  {
    ...{ path: "/api/pipelines/{pipeline}/runs", method: "get", operationId: "listRuns" },
    summary: "The runs of a pipeline, newest first, in pages",
    query: listRequest,
    answers: { ...ok("A page of runs", runsAnswer), 400: invalid, 404: unknownPipeline },
  },
  {
    ...{ path: "/api/pipelines/{pipeline}/runs", method: "post", operationId: "startRun" },
    summary: "Starts a run, of the whole pipeline or from a step on",
    body: startRequest,
    answers: {
      201: {
        ...{ description: "The run is started", schema: runAnswer },
        headers: { location: header("where the run can be asked for") },
      },
      400: invalid,
      404: refusal("There is no pipeline, or no step, of this name"),
      409: refusal("A run is active"),
      413: refusal("The body is larger than 64 KiB"),
    },
  },
  {
    ...{ path: "/api/runs/{run}", method: "get", operationId: "getRun" },
    summary: "A run with its steps, and what happened in it",
    answers: { ...ok("The run", runWithLogAnswer), 404: unknownRun },
  },
  {
    ...{ path: "/api/runs/{run}/cancel", method: "post", operationId: "cancelRun" },
    summary: "Ends a run: builds under way are left to themselves, commands are stopped",
    answers: runOrProblem("The run is over"),
  },
  {
    ...{ path: "/api/runs/{run}/retry", method: "post", operationId: "retryRun" },
    summary: "Goes on with a pipeline's last run, if it failed or was cancelled: what is done stays done",
    answers: runOrProblem("The run is active, has succeeded, or is not the last one"),
  },
  {
    ...{ path: "/api/runs/{run}/steps/{step}/output", method: "get", operationId: "getOutput" },
    summary: "What a step's command has said, last",
    answers: {
      200: { description: "The output, without its secrets", schema: z.string(), type: "text/plain" },
      404: refusal("There is no run of this id, or no output"),
    },
  },
];

/** What any route may answer. */
const answersOfAll = {
  Unauthorized: refusal("The token is missing or wrong", { "www-authenticate": header("`Bearer`") }),
  Failed: refusal("Something went wrong on this side; the log says what"),
  Unavailable: refusal("What is needed cannot be reached just now; nothing is half done", {
    "retry-after": header("after how many seconds to ask again"),
  }),
};
const ofAll = (name: keyof typeof answersOfAll) => ({ $ref: `#/components/responses/${name}` });

const parameterWords = new Map([
  ["pipeline", "a pipeline's name"],
  ["run", "a run's id"],
  ["step", "a step's name"],
]);

const nameOf = (id: string) => `#/components/schemas/${id}`;
const jsonSchema = {
  io: "input",
  // That whole numbers end where JavaScript's do says nothing about the API.
  override: ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  },
} as const;

/** A schema that has a name is referred to, any other stands where it is used. */
function describe(schema: z.core.$ZodType): unknown {
  const name = named.get(schema);
  return name === undefined ? bare(z.toJSONSchema(schema, jsonSchema)) : { $ref: nameOf(name.id) };
}

function bare(schema: z.core.JSONSchema.BaseSchema): unknown {
  const { $schema: _dialect, $id: _id, ...rest } = schema;
  return rest;
}

function describeAnswer({ description, schema, type = "application/json", headers }: Answer) {
  return {
    description,
    ...(headers === undefined ? {} : { headers }),
    content: { [type]: { schema: describe(schema) } },
  };
}

function describeParameters({ path, query }: Route) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    ...{ name, in: "path", required: true, description: parameterWords.get(name) ?? name },
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query?._zod.def.shape ?? {}).map(([name, schema]) => ({
    ...{ name, in: "query", description: z.globalRegistry.get(schema)?.description ?? name },
    schema: bare(z.toJSONSchema(schema, jsonSchema)),
  }));
  return [...inPath, ...inQuery];
}

function describeRoute(route: Route) {
  const { operationId, summary, body, isOpen = false } = route;
  return {
    operationId,
    summary,
    ...(isOpen ? { security: [] } : {}),
    parameters: describeParameters(route),
    ...(body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: describe(body) } } } }),
    responses: {
      ...mapValues(route.answers, describeAnswer),
      ...(isOpen ? {} : { 401: ofAll("Unauthorized") }),
      500: ofAll("Failed"),
      503: ofAll("Unavailable"),
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
    description: "Builds Docker images that are built from one another, in order.",
  },
  servers: [{ url: "/" }],
  security: [{ token: [] }],
  paths: describePaths(),
  components: {
    securitySchemes: { token: { type: "http", scheme: "bearer", description: "TAGRELAY_API_TOKEN" } },
    schemas: describeSchemas(),
    responses: mapValues(answersOfAll, describeAnswer),
  },
};
