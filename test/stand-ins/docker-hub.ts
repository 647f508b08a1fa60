// A stand-in for Docker Hub: records triggers and gives the answers that a test sets.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { serve } from "./serve.ts";

export type Trigger = { at: number; path: string; body: Record<string, unknown>; tag: string };
export type TriggerAnswer =
  | { status: number; headers?: Record<string, string>; body?: string }
  | "never"
  | "cut";

export type DockerHub = {
  origin: string;
  triggers: Trigger[];
  /** How many tags were looked up. */
  lookUps: () => number;
  /** The triggered tags, in order. */
  tags: () => string[];
  /** The answers to the next triggers; after those, 202. */
  answerNext: (...answers: TriggerAnswer[]) => void;
  /** True if repositories are public. Pushed tags are always readable. */
  isReadable: boolean;
  /** Overrides the answer of the tag API. */
  lookUpAnswer: { status: number; headers?: Record<string, string> } | null;
  /** When a tag was last pushed, for the tag API. */
  pushed: Map<string, string>;
  /** Called for each trigger that was accepted. */
  onAccepted: (trigger: Trigger) => void;
  close: () => Promise<void>;
};

export async function startDockerHub(): Promise<DockerHub> {
  const triggers: Trigger[] = [];
  const answers: TriggerAnswer[] = [];
  let lookUps = 0;
  const hub: Omit<DockerHub, "origin" | "close"> = {
    triggers,
    lookUps: () => lookUps,
    tags: () => triggers.map(({ tag }) => tag),
    answerNext: (...more) => void answers.push(...more),
    isReadable: false,
    lookUpAnswer: null,
    pushed: new Map(),
    onAccepted: () => undefined,
  };

  const receiveTrigger = async (request: IncomingMessage, response: ServerResponse) => {
    const body: Record<string, unknown> = JSON.parse(await readAll(request));
    const trigger = { at: Date.now(), path: request.url ?? "", body, tag: String(body.docker_tag ?? "") };
    triggers.push(trigger);
    const answer = answers.shift() ?? { status: 202, body: "{}" };
    if (answer === "never") return;
    if (answer === "cut") return void request.socket.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body ?? "");
    if (answer.status < 300 && !/ignor/i.test(answer.body ?? "")) hub.onAccepted(trigger);
  };

  const answerTag = (request: IncomingMessage, response: ServerResponse) => {
    if (/\/repositories\/[^/]+$/.test(request.url ?? "")) {
      return void response.writeHead(hub.isReadable ? 200 : 404).end("{}");
    }
    lookUps += 1;
    if (hub.lookUpAnswer !== null) {
      return void response.writeHead(hub.lookUpAnswer.status, hub.lookUpAnswer.headers).end();
    }
    const match = /^\/v2\/namespaces\/([^/]+)\/repositories\/([^/]+)\/tags\/([^/]+)$/.exec(request.url ?? "");
    const pushedAt = match === null ? undefined : hub.pushed.get(`${match[1]}/${match[2]}:${match[3]}`);
    response.writeHead(pushedAt === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(pushedAt === undefined ? {} : { tag_last_pushed: pushedAt }));
  };

  const server = createServer((request, response) => {
    if (request.method === "POST") void receiveTrigger(request, response);
    else answerTag(request, response);
  });
  return Object.assign(hub, await serve(server));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The smallest push webhook, optionally with the time of the push. */
export function pushWebhook(repository: string, tag: string, pushedAt?: number): string {
  const time = pushedAt === undefined ? {} : { pushed_at: pushedAt };
  return JSON.stringify({ push_data: { tag, ...time }, repository: { repo_name: repository } });
}
