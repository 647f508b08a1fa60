// What an error that nobody expected is to those outside, and to the log: neither is told a path or a URL.
import type { Context } from "hono";
import type { Relay } from "../relay/relay.ts";
import { StoreUnavailableError } from "../store/store.ts";

export type Failure = { status: 500 | 503; detail: string; headers: Record<string, string> };

export function tellFailure(error: Error, c: Context, { log }: Relay): Failure {
  if (error instanceof StoreUnavailableError) {
    log("error", { event: "store.unavailable", reason: error.message });
    const detail = "the store cannot be reached; ask again, what was done is not done twice";
    return { status: 503, detail, headers: { "retry-after": "10" } };
  }
  // Neither the path nor a URL is told: it may hold the webhook's secret.
  log("error", {
    event: "request.failed",
    route: c.req.routePath,
    reason: `${error.name}: ${error.message.replace(/\bhttps?:\S+/gi, "(a URL)")}`,
  });
  return { status: 500, detail: "something went wrong on this side; the log says what", headers: {} };
}
