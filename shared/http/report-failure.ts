// Logs an unexpected error and describes it to the client. Neither contains a path or a URL: they may hold a secret.
import type { Context } from "hono";
import type { Relay } from "../relay/relay.ts";
import { StoreUnavailableError } from "../store/store.ts";

export type Failure = { status: 500 | 503; detail: string; headers: Record<string, string> };

export function reportFailure(error: Error, c: Context, { log }: Relay): Failure {
  if (error instanceof StoreUnavailableError) {
    log("error", { event: "store.unavailable", reason: error.message });
    const detail = "the store cannot be reached; try again later, nothing is done twice";
    return { status: 503, detail, headers: { "retry-after": "10" } };
  }
  log("error", {
    event: "request.failed",
    route: c.req.routePath,
    reason: `${error.name}: ${error.message.replace(/\bhttps?:\S+/gi, "(a URL)")}`,
  });
  return { status: 500, detail: "something went wrong on the server; see its log", headers: {} };
}
