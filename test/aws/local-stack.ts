// Runs a synthesized template on this machine, with AWS's own runtime client and DynamoDB engine.
import { CreateTableCommand, ResourceInUseException } from "@aws-sdk/client-dynamodb";
import { createDynamodbClient } from "../../shared/store/dynamodb/client.ts";
import { type ParameterStore, startParameterStore } from "../stand-ins/parameter-store.ts";
import { makeFolder } from "../stand-ins/program.ts";
import { synthesize } from "../stand-ins/synth.ts";
import { type AwsServices, accessKeyOf, isAllowed, startAwsServices } from "./aws-services.ts";
import { startDynamodbLocal } from "./dynamodb-local.ts";
import { type Invocation, type Lambda, startLambda } from "./lambda.ts";
import { type DeployedFunction, type Deployment, type EventPattern, readDeployment } from "./template.ts";

export type LocalStack = {
  deployment: Deployment;
  /** The address of DynamoDB itself, without the rights of a function. */
  engine: string;
  services: AwsServices;
  parameters: ParameterStore;
  /** Like the HTTP API: turns a request to a route into an event for its function. */
  request: (
    method: string,
    path: string,
    init?: { headers?: Record<string, string>; body?: string },
  ) => Promise<{ status: number; body: ReturnType<typeof JSON.parse> }>;
  /** Like EventBridge Scheduler: invokes the target of the schedule whose input contains this text. */
  turn: (input: string, scheduledFor?: string) => Promise<Invocation>;
  /** Like EventBridge: invokes the targets of the rules that the event matches. */
  emit: (event: object) => Promise<Invocation[]>;
  /** Like an asynchronous invocation: retries twice, then sends the event to the function's failure destination. */
  invokeLater: (target: DeployedFunction, event: unknown) => Promise<Invocation>;
  deadLetters: { destination: string; event: unknown }[];
  output: () => string;
  stop: () => Promise<void>;
};

/** Synthesizes with `npx cdk synth`, like users, and runs the result. `ssm` is the address of another parameter store. */
export async function startLocalStack(
  pipelines: Record<string, unknown>,
  settings: Record<string, unknown> = {},
  ssm: string | null = null,
): Promise<LocalStack> {
  const folder = makeFolder();
  const config = folder.config(pipelines, settings);
  await synthesize({ home: folder.path, args: ["--output", folder.data, "--context", `config=${config}`] });
  const deployment = readDeployment(folder.data, "Tagrelay");

  const engine = await startDynamodbLocal();
  const parameters = await startParameterStore();
  const services = await startAwsServices(deployment.functions, {
    dynamodb: engine.endpoint,
    ssm: ssm ?? parameters.endpoint,
  });
  const client = createDynamodbClient(engine.endpoint);
  for (const table of deployment.tables) await createTable(client, table);
  client.destroy();

  const lambdas = new Map<string, Lambda>();
  /** The processes that were killed because their time was over. */
  const ended: Lambda[] = [];
  const lambdaOf = async (target: DeployedFunction): Promise<Lambda> => {
    const warm = lambdas.get(target.id);
    if (warm?.isRunning()) return warm;
    if (warm !== undefined) ended.push(warm);
    const cold = await startLambda(target, {
      AWS_REGION: deployment.region,
      AWS_ACCESS_KEY_ID: accessKeyOf(target),
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL: services.endpoint,
    });
    lambdas.set(target.id, cold);
    return cold;
  };

  const deadLetters: LocalStack["deadLetters"] = [];
  const invokeLater: LocalStack["invokeLater"] = async (target, event) => {
    let invocation: Invocation = { kind: "failed", error: "not invoked" };
    for (let tries = 0; tries < 3 && invocation.kind === "failed"; tries += 1) {
      invocation = await (await lambdaOf(target)).invoke(event);
    }
    if (invocation.kind === "failed" && target.failureDestination !== null) {
      deadLetters.push({ destination: target.failureDestination, event });
    }
    return invocation;
  };

  return {
    deployment,
    engine: engine.endpoint,
    services,
    parameters,
    deadLetters,
    invokeLater,
    request: async (method, path, { headers = {}, body } = {}) => {
      const route = deployment.routes.find(({ key }) => matches(key, method, path));
      // The HTTP API itself answers requests that match no route.
      if (route === undefined) return { status: 404, body: { message: "Not Found" } };
      const event = httpEvent(route.key, method, path, headers, body);
      const invocation = await (await lambdaOf(route.target)).invoke(event);
      if (invocation.kind === "failed") return { status: 500, body: invocation.error };
      const payload = JSON.parse(JSON.stringify(invocation.payload));
      return { status: payload.statusCode, body: JSON.parse(payload.body) };
    },
    turn: async (input, scheduledFor = "2026-11-20T03:00:00Z") => {
      const schedule = deployment.schedules.find((one) => one.input.includes(input));
      if (schedule === undefined) throw new Error(`expected a schedule with ${input}`);
      const { target, statements } = schedule;
      if (!isAllowed({ statements }, "lambda:InvokeFunction", `:function:${target.id}`)) {
        services.violations.push(`a schedule may not invoke ${target.id}`);
      }
      return invokeLater(
        target,
        JSON.parse(schedule.input.replace("<aws.scheduler.scheduled-time>", scheduledFor)),
      );
    },
    emit: async (event) => {
      const matching = deployment.rules.filter(({ pattern }) => matchesPattern(pattern, event));
      const invocations: Invocation[] = [];
      for (const { target, mayInvoke } of matching) {
        if (!mayInvoke) services.violations.push(`a rule may not invoke ${target.id}`);
        invocations.push(await invokeLater(target, event));
      }
      return invocations;
    },
    output: () => [...ended, ...lambdas.values()].map((lambda) => lambda.output()).join(""),
    stop: async () => {
      for (const lambda of [...ended, ...lambdas.values()]) await lambda.kill();
      await services.close();
      await parameters.close();
      await engine.close();
      folder.remove();
    },
  };
}

async function createTable(
  client: ReturnType<typeof createDynamodbClient>,
  table: Deployment["tables"][number],
): Promise<void> {
  try {
    await client.send(new CreateTableCommand(table));
  } catch (error) {
    // On a busy machine, the client has repeated a request whose answer took too long.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

function matches(key: string, method: string, path: string): boolean {
  const [verb = "", pattern = ""] = key.split(" ");
  if (verb !== "ANY" && verb !== method) return false;
  const expression = pattern.replace(/\{\w+\+\}/g, ".+").replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${expression}$`).test(path.split("?")[0] ?? "");
}

/** Knows patterns that list values. */
function matchesPattern(pattern: EventPattern, event: object): boolean {
  const values = new Map<string, unknown>(Object.entries(event));
  return Object.entries(pattern).every(([name, expected]) => {
    const value = values.get(name);
    if (Array.isArray(expected)) return typeof value === "string" && expected.includes(value);
    return typeof value === "object" && value !== null && matchesPattern(expected, value);
  });
}

/** Version 2.0 of the payload. */
function httpEvent(
  routeKey: string,
  method: string,
  target: string,
  headers: Record<string, string>,
  body?: string,
) {
  const [rawPath = "", rawQueryString = ""] = target.split("?");
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString,
    headers: {
      host: "api.execute-api.eu-west-1.amazonaws.com",
      "x-forwarded-proto": "https",
      ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      ...Object.fromEntries(lowered),
    },
    requestContext: {
      accountId: "123456789012",
      apiId: "api",
      domainName: "api.execute-api.eu-west-1.amazonaws.com",
      domainPrefix: "api",
      http: {
        method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: "192.0.2.1",
        userAgent: "python-requests/2.32.3",
      },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey,
      stage: "$default",
      time: "20/Nov/2026:03:00:00 +0000",
      timeEpoch: 1_795_143_600_000,
    },
    ...(body === undefined ? {} : { body: Buffer.from(body).toString("base64") }),
    isBase64Encoded: body !== undefined,
  };
}
