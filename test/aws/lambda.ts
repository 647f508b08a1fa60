// Runs a function of the assembly in its own process, with AWS's own runtime client, and serves the Runtime API that the
// client fetches events from.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { serve } from "../stand-ins/serve.ts";
import { tools } from "./dynamodb-local.ts";
import type { DeployedFunction } from "./template.ts";

export type Invocation = { kind: "answered"; payload: unknown } | { kind: "failed"; error: string };
export type Lambda = {
  invoke: (event: unknown) => Promise<Invocation>;
  output: () => string;
  /** False once the process has ended. */
  isRunning: () => boolean;
  /** Like Lambda, which ends functions without warning. */
  kill: () => Promise<void>;
};

type Pending = {
  id: string;
  event: unknown;
  resolve: (invocation: Invocation) => void;
  /** Kills the process at the end of the function's time, like Lambda. */
  timeout?: NodeJS.Timeout;
};

export async function startLambda(
  deployed: Pick<DeployedFunction, "id" | "code" | "handler" | "environment" | "timeoutMs">,
  environment: Record<string, string>,
): Promise<Lambda> {
  const queue: Pending[] = [];
  const running = new Map<string, Pending>();
  let waiting: ServerResponse | null = null;
  let count = 0;

  const sendNext = () => {
    const next = waiting === null ? undefined : queue.shift();
    if (waiting === null || next === undefined) return;
    running.set(next.id, next);
    waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": next.id,
      "lambda-runtime-deadline-ms": String(Date.now() + deployed.timeoutMs),
      "lambda-runtime-invoked-function-arn": `arn:aws:lambda:eu-west-1:123456789012:function:${deployed.id}`,
    });
    waiting.end(JSON.stringify(next.event));
    waiting = null;
    next.timeout = setTimeout(() => {
      const seconds = (deployed.timeoutMs / 1_000).toFixed(2);
      next.resolve({ kind: "failed", error: `${next.id} Task timed out after ${seconds} seconds` });
      child.kill("SIGKILL");
    }, deployed.timeoutMs);
  };

  const server = createServer(async (request, response) => {
    const [, , runtime, kind, id, outcome] = (request.url ?? "").split("/");
    if (runtime === "runtime" && kind === "invocation" && id === "next") {
      waiting = response;
      sendNext();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const pending = running.get(id ?? "");
    running.delete(id ?? "");
    clearTimeout(pending?.timeout);
    if (outcome === "response")
      pending?.resolve({ kind: "answered", payload: text === "" ? null : JSON.parse(text) });
    if (outcome === "error") pending?.resolve({ kind: "failed", error: text });
    if (kind === "init") for (const one of queue.splice(0)) one.resolve({ kind: "failed", error: text });
    response.writeHead(202).end();
  });
  const { origin, close } = await serve(server);

  let output = "";
  const child: ChildProcess = spawn(
    process.execPath,
    [join(tools, "runtime-client/node_modules/aws-lambda-ric/index.mjs"), deployed.handler],
    {
      cwd: deployed.code,
      env: {
        ...deployed.environment,
        ...environment,
        AWS_LAMBDA_RUNTIME_API: new URL(origin).host,
        AWS_LAMBDA_FUNCTION_NAME: deployed.id,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_LOG_GROUP_NAME: deployed.id,
        AWS_LAMBDA_LOG_STREAM_NAME: "local",
        LAMBDA_TASK_ROOT: deployed.code,
        _HANDLER: deployed.handler,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const endAll = () => {
    for (const one of [...queue.splice(0), ...running.values()]) {
      clearTimeout(one.timeout);
      one.resolve({ kind: "failed", error: `the process ended: ${output}` });
    }
  };
  child.once("close", endAll);

  return {
    invoke: (event) =>
      new Promise((resolve) => {
        count += 1;
        queue.push({ id: `request-${count}`, event, resolve });
        if (child.exitCode !== null || child.killed) endAll();
        else sendNext();
      }),
    output: () => output,
    isRunning: () => child.exitCode === null && child.signalCode === null && !child.killed,
    kill: async () => {
      child.kill("SIGKILL");
      await close();
    },
  };
}
