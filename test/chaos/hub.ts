// A stand-in for Docker Hub: accepts triggers, builds, answers the tag API and records what happened.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Random } from "../random.ts";
import { serve } from "../stand-ins/serve.ts";
import type { Trigger, Truth } from "./observed.ts";
import type { Passage } from "./proxy.ts";

export type Hub = Pick<Truth, "triggers" | "pushes"> & {
  port: number;
  /** Requests that the program should not have sent. */
  problems: string[];
  /** From now on, each build succeeds. */
  calmDown: () => void;
  close: () => Promise<void>;
};

export type HubOptions = {
  random: Random;
  token: string;
  /** True if the image exists. */
  knows: (image: string) => boolean;
  passageOf: (port: number | undefined) => Passage | undefined;
  onTriggered: () => void;
  onPushed: (image: string, at: number) => void;
};

const failedShare = 0.01;

export async function startHub(options: HubOptions): Promise<Hub> {
  const { random, token, knows, passageOf, onTriggered, onPushed } = options;
  const triggers: Trigger[] = [];
  const pushes = new Map<string, number[]>();
  const problems: string[] = [];
  const pending = new Set<string>();
  let calm = false;

  const build = (trigger: Trigger) => {
    if (!calm && random.chance(failedShare)) {
      trigger.build = { kind: "failed" };
      return;
    }
    pending.add(trigger.image);
    setTimeout(
      () => {
        const at = Date.now();
        pending.delete(trigger.image);
        trigger.build = { kind: "pushed", at };
        pushes.set(trigger.image, [...(pushes.get(trigger.image) ?? []), at]);
        onPushed(trigger.image, at);
      },
      random.integer(30, 400),
    );
  };

  const receiveTrigger = async (request: IncomingMessage, response: ServerResponse) => {
    const passage = passageOf(request.socket.remotePort);
    const body = await readAll(request);
    const path = /^\/u\/([^/]+\/[^/]+)\/trigger\/([^/]+)\/$/.exec(request.url ?? "");
    const tag = /^\{"docker_tag":"([\w.-]+)"\}$/.exec(body)?.[1];
    const image = `${path?.[1]}:${tag}`;
    if (passage === undefined || path?.[2] !== token || !knows(image)) {
      problems.push(`unknown trigger for ${request.url}: ${JSON.stringify(body)}`);
      response.writeHead(404).end();
      return;
    }
    const { sentAt, fault, isCopy, mark: life } = passage;
    const trigger: Trigger = {
      image,
      sentAt,
      receivedAt: Date.now(),
      fault,
      isCopy,
      life,
      build: { kind: "underWay" },
    };
    triggers.push(trigger);
    if (pending.has(image)) {
      trigger.build = { kind: "ignored" };
      response.end(`A build for tag ${tag} is already pending. Ignoring request.`);
    } else {
      build(trigger);
      response.end("OK");
    }
    if (!isCopy) onTriggered();
  };

  const answerTag = (request: IncomingMessage, response: ServerResponse) => {
    const match = /^\/v2\/namespaces\/([^/]+)\/repositories\/([^/]+)(?:\/tags\/([^/]+))?\/?$/.exec(
      request.url ?? "",
    );
    if (match === null) problems.push(`unknown request GET ${request.url}`);
    const [, namespace, repository, tag] = match ?? [];
    response.setHeader("content-type", "application/json");
    // The repository itself.
    if (match !== null && tag === undefined) return void response.end("{}");
    const image = `${namespace}/${repository}:${tag}`;
    const pushedAt = pushes.get(image)?.at(-1);
    if (pushedAt === undefined) return void response.writeHead(404).end("{}");
    response.end(JSON.stringify({ name: tag, tag_last_pushed: new Date(pushedAt).toISOString() }));
  };

  const server = createServer((request, response) => {
    // One request per connection, because the proxy's faults are known by connection.
    response.setHeader("connection", "close");
    // An incomplete request does not count.
    if (request.method === "POST") receiveTrigger(request, response).catch(() => response.destroy());
    else answerTag(request, response);
  });
  const { origin, close } = await serve(server);
  return {
    port: Number(new URL(origin).port),
    triggers,
    pushes,
    problems,
    calmDown: () => {
      calm = true;
    },
    close,
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
