// Hands the end of a command to the run that waits for it.
import { apply } from "../../../shared/relay/apply.ts";
import type { Relay } from "../../../shared/relay/relay.ts";
import type { EndedCommand } from "./follow-command.ts";

/** Throws where it could not be saved, and is then told again. */
export async function takeCommandEnd(
  relay: Relay,
  { pipeline: name, runId, step, attempt, end }: EndedCommand,
): Promise<void> {
  const about = { pipeline: name, run: runId, step, attempt };
  const pipeline = relay.pipelines.get(name);
  if (pipeline === undefined) return;
  const event = { kind: "buildEnded", runId, step, attempt, end, random: relay.random() } as const;
  const { outcome } = await apply(relay, pipeline, event);
  relay.log(end.kind === "failed" ? "warn" : "info", {
    event: "command.ended",
    ...about,
    end: end.kind,
    ...(end.kind === "failed" ? { reason: end.reason } : {}),
    outcome: outcome.kind,
  });
}
