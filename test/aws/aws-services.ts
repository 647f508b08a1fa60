// DynamoDB and SSM as a function reaches them: each call is held against its role before it is passed on.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { DeployedFunction } from "./template.ts";

export type AwsServices = {
  endpoint: string;
  /** What a function called without the right to. */
  violations: string[];
  /** Actions that were called, such as `dynamodb:GetItem`. */
  calls: string[];
  close: () => Promise<void>;
};

const services = new Map([
  ["DynamoDB_20120810", "dynamodb"],
  ["AmazonSSM", "ssm"],
]);

/** A function is told by its access key, which is its own. */
export const accessKeyOf = ({ id }: DeployedFunction) => `KEY${id}`;

export async function startAwsServices(
  functions: readonly DeployedFunction[],
  backends: { dynamodb: string; ssm: string },
): Promise<AwsServices> {
  const violations: string[] = [];
  const calls: string[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const [target = "", operation = ""] = String(request.headers["x-amz-target"]).split(".");
    const service = services.get(target);
    const key = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1];
    const caller = functions.find((one) => accessKeyOf(one) === key);
    if (caller === undefined || (service !== "dynamodb" && service !== "ssm")) {
      violations.push(`${key} called ${target}.${operation}`);
      response.writeHead(403).end();
      return;
    }
    const action = `${service}:${operation}`;
    calls.push(action);
    const denied = resourcesOf(service, JSON.parse(body.toString())).filter(
      (resource) => !isAllowed(caller, action, resource),
    );
    if (denied.length > 0) {
      violations.push(...denied.map((resource) => `${caller.id} may not ${action} on ${resource}`));
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException" }));
      return;
    }
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (typeof value === "string" && /^(?:x-amz-|content-type|authorization)/.test(name))
        headers.set(name, value);
    }
    const passed = await fetch(backends[service], { method: "POST", headers, body });
    response.writeHead(passed.status, { "content-type": passed.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await passed.arrayBuffer()));
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { endpoint: `http://127.0.0.1:${address.port}`, violations, calls, close };
}

type Request = {
  TableName?: string;
  IndexName?: string;
  RequestItems?: Record<string, unknown>;
  Names?: string[];
};

/** The ends of the resources' names, as they stand behind the account. */
function resourcesOf(
  service: "dynamodb" | "ssm",
  { TableName, IndexName, RequestItems, Names }: Request,
): string[] {
  if (service === "ssm") return (Names ?? []).map((name) => `:parameter${name}`);
  const tables = TableName === undefined ? Object.keys(RequestItems ?? {}) : [TableName];
  return tables.map((table) => `:table/${table}${IndexName === undefined ? "" : `/index/${IndexName}`}`);
}

export function isAllowed(
  { statements }: Pick<DeployedFunction, "statements">,
  action: string,
  resource: string,
): boolean {
  return statements.some(
    ({ actions, resources }) =>
      actions.includes(action) &&
      resources.some((pattern) =>
        pattern.endsWith("*")
          ? `${resource}`.startsWith(pattern.slice(pattern.lastIndexOf(":"), -1))
          : pattern.endsWith(resource),
      ),
  );
}
