// Bounds how many requests are under way: what is beyond is answered with 503 at once, before its body is read.
import type { IncomingMessage } from "node:http";
import type { Log } from "../../shared/log/log.ts";
import { answerProblem } from "./answer-problem.ts";
import type { Listener } from "./listen.ts";

/**
 * One webhook takes some five milliseconds of the one thread, the engine's part of it included: with so many at work the
 * last of them waits well under the three seconds after which the store counts as unreachable. Beyond, all would be late.
 */
const atWorkAtMost = 128;
/** With those whose bodies are still coming. They cost memory, up to 1 MiB each, and no time. */
const underWayAtMost = 512;
/** A body that takes longer makes room where there is none. */
const dawdlesAfterMs = 2_000;
const logEveryMs = 10_000;

export function limitRequests(listener: Listener, log: Log, clock: () => number): Listener {
  const underWay = new Map<IncomingMessage, number>();
  let refused = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;

  const isRoom = (): boolean => {
    // A request is at work from the moment that all of it is here.
    const arriving = [...underWay].filter(([{ complete }]) => !complete);
    if (underWay.size - arriving.length >= atWorkAtMost) return false;
    if (underWay.size < underWayAtMost) return true;
    const [[oldest, arrivedAt] = []] = arriving;
    if (oldest === undefined || arrivedAt === undefined || clock() - arrivedAt < dawdlesAfterMs) return false;
    underWay.delete(oldest);
    oldest.socket.destroy();
    return true;
  };

  const tell = () => {
    refused += 1;
    if (clock() - loggedAt < logEveryMs) return;
    log("warn", { event: "overload", refused, reason: "more requests are under way than can be done" });
    loggedAt = clock();
    refused = 0;
  };

  return async (request, response) => {
    // Whoever looks after the program asks whether it is alive, not whether it has time.
    if (request.url === "/healthz") return listener(request, response);
    if (!isRoom()) {
      tell();
      return answerProblem(response, 503, "too much is under way; nothing was done, ask again", {
        "retry-after": "1",
      });
    }
    underWay.set(request, clock());
    try {
      // Also where the client has gone: what it asked for is done to its end.
      await listener(request, response);
    } finally {
      underWay.delete(request);
    }
  };
}
