// A proxy in front of DynamoDB and SSM, and a stand-in for SNS and CodeBuild: checks each request against the role of the function that
// sent it before passing it on.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as z from "zod";
import { serve } from "../stand-ins/serve.ts";
import { type CodebuildStandIn, createCodebuildStandIn } from "./codebuild-stand-in.ts";
import type { DeployedFunction } from "./template.ts";

export type AwsServices = {
  endpoint: string;
  /** Requests that the function has no right to. */
  violations: string[];
  /** The requested actions, such as `dynamodb:GetItem`. */
  calls: string[];
  /** The capacity that DynamoDB reports as consumed, for the table and its index. */
  units: { read: number; write: number };
  /** The messages published to topics. */
  published: { topic: string; subject: string; text: string }[];
  codebuild: CodebuildStandIn;
  close: () => Promise<void>;
};

type Service = "dynamodb" | "ssm" | "sns" | "codebuild";
const services = new Map<string, Service>([
  ["DynamoDB_20120810", "dynamodb"],
  ["AmazonSSM", "ssm"],
  ["Sns", "sns"],
  ["CodeBuild_20161006", "codebuild"],
]);

const consumedBy = z.object({ CapacityUnits: z.number() });
const capacity = z.object({ ConsumedCapacity: z.union([consumedBy, z.array(consumedBy)]).optional() });

const publishResponse =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>94f20ce6</MessageId></PublishResult></PublishResponse>';

/** Each function has its own access key, which identifies it. */
export const accessKeyOf = ({ id }: DeployedFunction) => `KEY${id}`;

export async function startAwsServices(
  functions: readonly DeployedFunction[],
  backends: { dynamodb: string; ssm: string },
): Promise<AwsServices> {
  const violations: string[] = [];
  const calls: string[] = [];
  const units = { read: 0, write: 0 };
  const published: AwsServices["published"] = [];
  const codebuild = createCodebuildStandIn();

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const form = new URLSearchParams(body.toString());
    const isForm = /^application\/x-www-form-urlencoded/.test(request.headers["content-type"] ?? "");
    // Requests to SNS are forms, which name the action but not the service.
    const operationName = isForm ? `Sns.${form.get("Action")}` : String(request.headers["x-amz-target"]);
    const [target = "", operation = ""] = operationName.split(".");
    const service = services.get(target);
    const key = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1];
    const caller = functions.find((one) => accessKeyOf(one) === key);
    if (caller === undefined || service === undefined) {
      violations.push(`${key} called ${target}.${operation}`);
      response.writeHead(403).end();
      return;
    }
    const action = `${service}:${operation}`;
    calls.push(action);
    const requested: Request = isForm
      ? { TopicArn: form.get("TopicArn") ?? "" }
      : JSON.parse(body.toString());
    const denied = resourcesOf(service, requested).filter((resource) => !isAllowed(caller, action, resource));
    if (denied.length > 0) {
      violations.push(...denied.map((resource) => `${caller.id} may not ${action} on ${resource}`));
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException" }));
      return;
    }
    if (service === "sns") {
      const [topic = "", subject = "", text = ""] = ["TopicArn", "Subject", "Message"].map(
        (name) => form.get(name) ?? "",
      );
      published.push({ topic, subject, text });
      response.writeHead(200, { "content-type": "text/xml" }).end(publishResponse);
      return;
    }
    if (service === "codebuild") {
      const answered = codebuild.answer(operation, requested);
      response.writeHead(answered.status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(answered.body));
      return;
    }
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (typeof value === "string" && /^(?:x-amz-|content-type|authorization)/.test(name))
        headers.set(name, value);
    }
    const counted = service === "ssm" ? {} : { ReturnConsumedCapacity: "TOTAL" };
    const passed = await fetch(backends[service], {
      method: "POST",
      headers,
      body: JSON.stringify({ ...requested, ...counted }),
    });
    const answered = await passed.text();
    response.writeHead(passed.status, { "content-type": passed.headers.get("content-type") ?? "" });
    response.end(answered);
    const consumed = capacity.safeParse(JSON.parse(answered)).data?.ConsumedCapacity ?? [];
    const used = [consumed].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
    units[/^(?:Put|Delete)/.test(operation) ? "write" : "read"] += used;
  };

  const server = createServer((request, response) => void answer(request, response));
  const { origin: endpoint, close } = await serve(server);
  return { endpoint, violations, calls, units, published, codebuild, close };
}

type Request = {
  TableName?: string;
  IndexName?: string;
  RequestItems?: Record<string, unknown>;
  Names?: string[];
  TopicArn?: string;
  projectName?: string;
  id?: string;
  ids?: string[];
};

/** The ends of the resources' ARNs, after the account. */
function resourcesOf(
  service: Service,
  { TableName, IndexName, RequestItems, Names, TopicArn, projectName, id, ids = [] }: Request,
): string[] {
  if (service === "codebuild") {
    // The right to a build is that to its project.
    const projects = [projectName, ...[id, ...ids].map((build) => build?.split(":")[0])];
    return [...new Set(projects.filter((name) => name !== undefined))].map((name) => `:project/${name}`);
  }
  if (service === "sns") return [TopicArn ?? "no topic"];
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
