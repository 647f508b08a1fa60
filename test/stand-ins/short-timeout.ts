// Shortens the time-outs of requests, for tests in which a server does not answer.
import type { Send } from "../../shared/outgoing/send.ts";

/** Long enough for a busy machine. */
const maxMs = 1_000;

export function withShortTimeout(send: Send): Send {
  return (outgoing) => send({ ...outgoing, timeoutMs: Math.min(outgoing.timeoutMs, maxMs) });
}
