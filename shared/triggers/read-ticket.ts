// Reads what an accepting answer calls the build that it has begun. An answer without it accepts no less.
import type { Ticket } from "../core/run.ts";
import { httpsUrl } from "../outgoing/https-url.ts";
import type { Answer } from "../outgoing/send.ts";
import type { TriggerOutcome } from "./trigger.ts";

/** In which fields the builder's answer has the build's number, and its page. */
export type TicketFields = { id: string; url: string };

export function withTicket(outcome: TriggerOutcome, answer: Answer, fields: TicketFields): TriggerOutcome {
  if (outcome.kind !== "accepted" || answer.kind !== "answered") return outcome;
  return { ...outcome, ticket: readTicket(answer.text, fields) };
}

function readTicket(text: string, fields: TicketFields): Ticket | null {
  const document = parseMap(text);
  const id = document?.[fields.id];
  if ((typeof id !== "number" && typeof id !== "string") || !/^\d{1,20}$/.test(String(id))) return null;
  return { id: String(id), url: httpsUrl(document?.[fields.url]) };
}

function parseMap(text: string): Record<string, unknown> | null {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? { ...document } : null;
  } catch {
    return null;
  }
}
