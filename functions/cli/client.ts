// A client of the HTTP API; answers are validated by the schemas that describe them.
import type * as z from "zod";
import {
  type BuildAnswer,
  buildAnswer,
  type ChannelTestAnswer,
  channelTestAnswer,
  type PipelineAnswer,
  pipelineAnswer,
  pipelinesAnswer,
  problemAnswer,
  type RollbackAnswer,
  type RunAnswer,
  type RunWithLogAnswer,
  rollbackAnswer,
  runAnswer,
  runsAnswer,
  runWithLogAnswer,
} from "../../shared/http/api/answers.ts";
import type { StartRequest } from "../../shared/http/api/requests.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import type { Connection } from "./connection.ts";
import { toSingleLine } from "./text.ts";

export type Client = {
  url: string;
  isThisMachine: boolean;
  /** The current time by the server's clock. */
  clock: () => number;
  pipelines: () => Promise<PipelineAnswer[]>;
  pipeline: (name: string) => Promise<PipelineAnswer>;
  runs: (pipeline: string, limit: number) => Promise<RunAnswer[]>;
  start: (pipeline: string, request: StartRequest) => Promise<RunAnswer>;
  run: (id: string) => Promise<RunWithLogAnswer>;
  approve: (id: string, step: string) => Promise<RunAnswer>;
  rollBack: (id: string) => Promise<RollbackAnswer>;
  change: (id: string, command: "cancel" | "retry") => Promise<RunAnswer>;
  startBuild: (request: { image: string; dockerfile: string }) => Promise<BuildAnswer>;
  output: (path: string) => Promise<string>;
  /** Opens the events of an output, after the one with this id. */
  openOutput: (path: string, lastEventId: string | null, signal: AbortSignal) => Promise<Response>;
  testChannel: (channel: string) => Promise<ChannelTestAnswer>;
};

const timeoutMs = 30_000;

export function createClient(connection: Connection): Client {
  const { url, isThisMachine } = connection;
  const token = connection.token();
  let offsetMs = 0;

  const request = async (
    method: "GET" | "POST",
    path: string,
    body?: unknown,
    { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> => {
    const response = await send(`${url}/api${path}`, url, {
      method,
      headers: { authorization: `Bearer ${token.value}`, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    offsetMs = clockOffsetMs(response.headers.get("date"));
    if (response.status === 401) {
      throw new CliError(
        exitCodes.refused,
        `expected the API token of ${url}, found a different one in ${token.from} (401 Unauthorized)`,
      );
    }
    if (!response.ok) throw await readProblem(response, url);
    return response;
  };
  const read = async <T>(schema: z.ZodType<T>, method: "GET" | "POST", path: string, body?: unknown) =>
    readAnswer(schema, await request(method, path, body), url);
  const name = encodeURIComponent;

  return {
    url,
    isThisMachine,
    clock: () => Date.now() + offsetMs,
    pipelines: async () => (await read(pipelinesAnswer, "GET", "/pipelines")).pipelines,
    pipeline: (pipeline) => read(pipelineAnswer, "GET", `/pipelines/${name(pipeline)}`),
    runs: async (pipeline, limit) =>
      (await read(runsAnswer, "GET", `/pipelines/${name(pipeline)}/runs?limit=${limit}`)).runs,
    start: (pipeline, request) => read(runAnswer, "POST", `/pipelines/${name(pipeline)}/runs`, request),
    run: (id) => read(runWithLogAnswer, "GET", `/runs/${name(id)}`),
    change: (id, command) => read(runAnswer, "POST", `/runs/${name(id)}/${command}`),
    approve: (id, step) => read(runAnswer, "POST", `/runs/${name(id)}/steps/${name(step)}/approve`),
    rollBack: (id) => read(rollbackAnswer, "POST", `/runs/${name(id)}/rollback`),
    testChannel: (channel) => read(channelTestAnswer, "POST", `/channels/${name(channel)}/test`),
    openOutput: (path, lastEventId, signal) => {
      const headers = {
        accept: "text/event-stream",
        ...(lastEventId === null ? {} : { "last-event-id": lastEventId }),
      };
      return request("GET", path, undefined, { headers, signal });
    },
    startBuild: (request) => read(buildAnswer, "POST", "/builds", request),
    output: async (path) => (await request("GET", path)).text(),
  };
}

/** Errors name `url` and not `address`, whose path may contain the webhook's secret. */
export async function send(address: string, url: string, init: RequestInit): Promise<Response> {
  try {
    const signal = init.signal ?? AbortSignal.timeout(timeoutMs);
    return await fetch(address, { ...init, redirect: "manual", signal });
  } catch (error) {
    throw new CliError(
      exitCodes.unreachable,
      `expected Tagrelay at ${url}, found no answer (${causeOf(error)}); start it with \`tagrelay start\`, or set --url or TAGRELAY_URL`,
      { cause: error },
    );
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  const { cause } = error;
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return error.name === "TimeoutError" ? `none within ${timeoutMs / 1000} s` : error.name;
}

export async function readAnswer<T>(schema: z.ZodType<T>, response: Response, url: string): Promise<T> {
  const answer = schema.safeParse(await response.json().catch(() => null));
  if (answer.success) return answer.data;
  throw unexpectedAnswer(url, response);
}

export async function readProblem(response: Response, url: string): Promise<CliError> {
  const problem = problemAnswer.safeParse(await response.json().catch(() => null));
  if (!problem.success) return unexpectedAnswer(url, response);
  const { status, detail } = problem.data;
  return new CliError(
    status >= 500 ? exitCodes.unreachable : exitCodes.refused,
    `${toSingleLine(detail)} (${status} from ${url})`,
  );
}

function unexpectedAnswer(url: string, { status, headers }: Response): CliError {
  const type = headers.get("content-type") ?? "no content type";
  return new CliError(
    exitCodes.unreachable,
    `expected Tagrelay's API at ${url}, found something else (${status}, ${toSingleLine(type)}); check --url or TAGRELAY_URL`,
  );
}

/** The header has whole seconds only, so smaller differences mean nothing. */
function clockOffsetMs(date: string | null): number {
  const offsetMs = date === null ? 0 : Date.parse(date) + 500 - Date.now();
  return Math.abs(offsetMs) < 2_000 || Number.isNaN(offsetMs) ? 0 : offsetMs;
}
