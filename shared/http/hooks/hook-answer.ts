// The answer to a webhook: what it did to each pipeline, and one outcome for all of them.
import type { Outcome } from "../../run/event.ts";

/** `advanced` if the webhook advanced any pipeline, else `duplicate` if it was one for any, else the first outcome. */
export function hookAnswer<Result extends { outcome: Outcome }>(
  results: readonly Result[],
  reasonForNone: string,
) {
  const pipelines = results.map(({ outcome: { kind, ...reason }, ...result }) => ({
    ...result,
    outcome: kind,
    ...reason,
  }));
  const decisive =
    results.find(({ outcome }) => outcome.kind === "advanced") ??
    results.find(({ outcome }) => outcome.kind === "duplicate") ??
    results[0];
  const { kind, ...reason } = decisive?.outcome ?? { kind: "ignored", reason: reasonForNone };
  return { outcome: kind, ...reason, pipelines };
}
