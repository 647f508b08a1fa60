// Limits how many requests are handled at once and how many wait. Any request beyond that is answered with 503 at once,
// before its body is read.
import type { IncomingMessage } from "node:http";
import type { Log } from "../../../shared/log.ts";
import { answerProblem } from "./answer-problem.ts";
import type { Listener } from "./listen.ts";

/**
 * All requests share one thread. With more of them at once, the requests that they send to a DynamoDB elsewhere would
 * wait for more than the three seconds after which the store counts as unreachable, on a machine that is busy already.
 */
const maxHandled = 64;
/** Including those that wait, for a second or two: all tags of a large family may be pushed at once. */
const maxReceived = 256;
/** Including those whose bodies are still arriving. They cost no time, but memory: up to 1 MiB, for GitHub more. */
const maxOpen = 512;
/** A body that takes longer is dropped if its place is needed. */
const slowBodyMs = 2_000;
const logEveryMs = 10_000;

type OpenRequest = { request: IncomingMessage; arrivedAt: number; isStarted: boolean };

export function limitRequests(listener: Listener, log: Log, clock: () => number): Listener {
  const open = new Set<OpenRequest>();
  const queue = createQueue(open);
  const logRefusal = createRefusalLog(log, clock);
  return async (request, response) => {
    // A health check asks whether the program is alive, not whether it has capacity.
    if (request.url === "/healthz") return listener(request, response);
    // It stays open, and has a limit of its own: see output/event-stream.ts.
    if (isEventStream(request)) return listener(request, response);
    if (!makeRoom(open, clock())) {
      logRefusal();
      const detail = "too many requests at once; this one was not handled, send it again";
      return answerProblem(response, 503, detail, { "retry-after": "1" });
    }
    const entry = { request, arrivedAt: clock(), isStarted: false };
    open.add(entry);
    try {
      await queue.wait(entry);
      // A request that was started is finished even if its client goes away; a waiting one is not started then.
      if (!response.destroyed) await listener(request, response);
    } finally {
      open.delete(entry);
      queue.startWaiting();
    }
  };
}

function isEventStream({ method, url = "", headers: { accept = "" } }: IncomingMessage): boolean {
  return method === "GET" && /\/output(?:\?|$)/.test(url) && accept.includes("text/event-stream");
}

/** False if there is no room for another request. */
function makeRoom(open: Set<OpenRequest>, now: number): boolean {
  const arriving = [...open].filter(({ request }) => !request.complete);
  if (open.size - arriving.length >= maxReceived) return false;
  if (open.size < maxOpen) return true;
  const [oldest] = arriving;
  if (oldest === undefined || now - oldest.arrivedAt < slowBodyMs) return false;
  open.delete(oldest);
  oldest.request.socket.destroy();
  return true;
}

function createQueue(open: ReadonlySet<OpenRequest>) {
  const waiting: (() => void)[] = [];
  // A request whose body is still arriving uses no time, and must not keep others waiting.
  const handled = () => [...open].filter(({ request, isStarted }) => isStarted && request.complete).length;
  const startWaiting = () => {
    while (waiting.length > 0 && handled() < maxHandled) waiting.shift()?.();
  };
  const wait = (entry: OpenRequest) =>
    new Promise<void>((resolve) => {
      waiting.push(() => {
        entry.isStarted = true;
        resolve();
      });
      startWaiting();
    });
  return { wait, startWaiting };
}

/** One log entry for all refusals within some seconds. */
function createRefusalLog(log: Log, clock: () => number): () => void {
  let refused = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  return () => {
    refused += 1;
    if (clock() - loggedAt < logEveryMs) return;
    log("warn", { event: "overload", refused, reason: "too many requests at once" });
    loggedAt = clock();
    refused = 0;
  };
}
