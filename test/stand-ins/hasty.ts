// A sender with less patience than the program has, for tests in which nobody answers.
import type { Send } from "../../shared/outgoing/send.ts";

/** Long enough for a machine that is busy with other tests. */
const atMostMs = 1_000;

export function hasty(send: Send): Send {
  return (outgoing) => send({ ...outgoing, timeoutMs: Math.min(outgoing.timeoutMs, atMostMs) });
}
