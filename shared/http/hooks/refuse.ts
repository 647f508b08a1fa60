// Refuses a webhook: logs the reason and answers with a problem.
import type { Context } from "hono";
import type { Relay } from "../../relay/relay.ts";
import { problem } from "../problem.ts";

export type Refusal = {
  status: 400 | 401 | 404 | 413 | 415 | 503;
  reason: string;
  /** For the client, if it must not learn the reason. */
  detail?: string;
  headers?: Record<string, string>;
};

export function refuse(
  c: Context,
  relay: Relay,
  { status, reason, detail = reason, headers = {} }: Refusal,
): Response {
  relay.log("warn", { event: "webhook.refused", status, reason });
  return problem(c, status, detail, headers);
}

/** `proof` is what the header must contain. */
export function refuseUnauthenticated(c: Context, relay: Relay, header: string, proof: string): Response {
  const found = c.req.header(header) === undefined ? "none" : "one that does not match";
  return refuse(c, relay, {
    status: 401,
    reason: `expected the header ${header} with ${proof}, found ${found}`,
    headers: { "www-authenticate": header },
  });
}
