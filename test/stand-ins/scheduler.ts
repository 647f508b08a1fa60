// A stand-in for EventBridge Scheduler with its limits: an HTTP server that throttles, and refuses what AWS refuses.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { serve } from "./serve.ts";

export type Scheduler = {
  endpoint: string;
  /** The bodies of the schedules, by name. */
  schedules: Map<string, Record<string, unknown>>;
  /** How many requests of each kind were carried out, and how many were throttled. */
  counts: Record<"create" | "update" | "delete" | "list" | "throttled", number>;
  /** Requests a second. */
  limit: number;
  /** Called before each change; an answer overrides that of the service. */
  before: (kind: string, name: string) => { status: number; type: string } | null;
  close: () => Promise<void>;
};

const pageSize = 100;

export async function startScheduler(): Promise<Scheduler> {
  const scheduler: Omit<Scheduler, "endpoint" | "close"> = {
    schedules: new Map(),
    counts: { create: 0, update: 0, delete: 0, list: 0, throttled: 0 },
    limit: Number.POSITIVE_INFINITY,
    before: () => null,
  };
  const { schedules, counts } = scheduler;
  let second = { number: 0, requests: 0 };

  const isThrottled = () => {
    const number = Math.floor(Date.now() / 1_000);
    if (second.number !== number) second = { number, requests: 0 };
    second.requests += 1;
    return second.requests > scheduler.limit;
  };
  const refuse = (response: ServerResponse, status: number, type: string) => {
    response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
    response.end(JSON.stringify({ Message: type }));
  };
  const list = (url: URL, response: ServerResponse) => {
    const from = Number(url.searchParams.get("NextToken") ?? 0);
    const names = [...schedules.keys()].slice(from, from + pageSize);
    counts.list += 1;
    const next = from + pageSize < schedules.size ? { NextToken: String(from + pageSize) } : {};
    response.end(JSON.stringify({ Schedules: names.map((Name) => ({ Name, State: "ENABLED" })), ...next }));
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const url = new URL(request.url ?? "", "http://scheduler");
    if (isThrottled()) {
      counts.throttled += 1;
      return refuse(response, 429, "ThrottlingException");
    }
    response.setHeader("content-type", "application/json");
    if (request.method === "GET") return list(url, response);
    const name = url.pathname.replace("/schedules/", "");
    const kinds: Record<string, "create" | "update" | "delete"> = {
      POST: "create",
      PUT: "update",
      DELETE: "delete",
    };
    const kind = kinds[request.method ?? ""] ?? "create";
    const refused = scheduler.before(kind, name);
    if (refused !== null) return refuse(response, refused.status, refused.type);
    if (kind === "create" && schedules.has(name)) return refuse(response, 409, "ConflictException");
    if (kind !== "create" && !schedules.has(name)) return refuse(response, 404, "ResourceNotFoundException");
    counts[kind] += 1;
    if (kind === "delete") schedules.delete(name);
    else {
      const { ClientToken: _differsEachTime, ...schedule } = JSON.parse(body);
      schedules.set(name, schedule);
    }
    response.end(kind === "delete" ? "{}" : JSON.stringify({ ScheduleArn: `arn:aws:scheduler:::${name}` }));
  };
  const server = createServer((request, response) => void answer(request, response));
  const { origin: endpoint, close } = await serve(server);
  return Object.assign(scheduler, { endpoint, close });
}
