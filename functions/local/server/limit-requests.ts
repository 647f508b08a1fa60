// Bounds how many requests are at work and how many stand in line for it: what is beyond is answered with 503 at once,
// before its body is read.
import type { IncomingMessage } from "node:http";
import type { Log } from "../../../shared/log/log.ts";
import { answerProblem } from "./answer-problem.ts";
import type { Listener } from "./listen.ts";

/**
 * All of them share one thread. With more at work at once, what each asks of an engine elsewhere would wait its turn for
 * longer than the three seconds after which that counts as unreachable, on a machine that is busy already.
 */
const atWorkAtMost = 64;
/** With those in line, who wait a second or two: all the tags of a large family may be pushed at once. */
const hereAtMost = 256;
/** With those whose bodies are still coming. They cost memory, up to 1 MiB each, a few of GitHub more, and no time. */
const underWayAtMost = 512;
/** A body that takes longer makes room where there is none. */
const dawdlesAfterMs = 2_000;
const logEveryMs = 10_000;

type UnderWay = { request: IncomingMessage; arrivedAt: number; isBegun: boolean };

export function limitRequests(listener: Listener, log: Log, clock: () => number): Listener {
  const underWay = new Set<UnderWay>();
  const line: (() => void)[] = [];
  let refused = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;

  const isRoom = (): boolean => {
    const arriving = [...underWay].filter(({ request }) => !request.complete);
    if (underWay.size - arriving.length >= hereAtMost) return false;
    if (underWay.size < underWayAtMost) return true;
    const [oldest] = arriving;
    if (oldest === undefined || clock() - oldest.arrivedAt < dawdlesAfterMs) return false;
    underWay.delete(oldest);
    oldest.request.socket.destroy();
    return true;
  };

  // Whose body is still coming does no work, and must not keep others from it.
  const atWork = () => [...underWay].filter(({ request, isBegun }) => isBegun && request.complete).length;
  const callNext = () => {
    while (line.length > 0 && atWork() < atWorkAtMost) line.shift()?.();
  };
  const waitForTurn = (one: UnderWay) =>
    new Promise<void>((resolve) => {
      line.push(() => {
        one.isBegun = true;
        resolve();
      });
      callNext();
    });

  const tell = () => {
    refused += 1;
    if (clock() - loggedAt < logEveryMs) return;
    log("warn", { event: "overload", refused, reason: "more requests came than can be done" });
    loggedAt = clock();
    refused = 0;
  };

  return async (request, response) => {
    // Whoever looks after the program asks whether it is alive, not whether it has time.
    if (request.url === "/healthz") return listener(request, response);
    if (!isRoom()) {
      tell();
      const detail = "more requests came than can be done; of this one nothing was done, ask again";
      return answerProblem(response, 503, detail, { "retry-after": "1" });
    }
    const one = { request, arrivedAt: clock(), isBegun: false };
    underWay.add(one);
    try {
      await waitForTurn(one);
      // What is begun is done to its end, also where the client goes; what is not is not begun for nobody.
      if (!response.destroyed) await listener(request, response);
    } finally {
      underWay.delete(one);
      callNext();
    }
  };
}
