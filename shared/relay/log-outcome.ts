// Logs the outcome of an event from outside, such as a webhook.
import type { LogEntry } from "../log.ts";
import type { Outcome } from "../run/event.ts";
import type { Relay } from "./relay.ts";

export function logOutcome(relay: Relay, entry: LogEntry, outcome: Outcome): void {
  relay.log("info", {
    ...entry,
    outcome: outcome.kind,
    ...("reason" in outcome ? { reason: outcome.reason } : {}),
  });
}
