// Reports the end of a command to the run that waits for it.
import { apply } from "../../../shared/relay/apply.ts";
import type { Relay } from "../../../shared/relay/relay.ts";
import type { EndedCommand } from "./follow-command.ts";

/** Throws if the end could not be saved; the caller then repeats the report. */
export async function receiveCommandEnd(
  relay: Relay,
  { pipeline: name, runId, step, attempt, end }: EndedCommand,
): Promise<void> {
  const pipeline = relay.pipelines.get(name);
  if (pipeline === undefined) return;
  const event = { kind: "buildEnded", runId, step, attempt, end, random: relay.random() } as const;
  const { outcome } = await apply(relay, pipeline, event);
  relay.log(end.kind === "failed" ? "warn" : "info", {
    event: "command.ended",
    pipeline: name,
    run: runId,
    step,
    attempt,
    end: end.kind,
    ...(end.kind === "failed" ? { reason: end.reason } : {}),
    outcome: outcome.kind,
  });
}
