// Lets a scheduled start wait for the run of another pipeline that is under way, as `waitFor` says.
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Event, Outcome } from "../run/event.ts";
import type { Seen } from "../run/state.ts";
import type { Relay } from "./relay.ts";

type ApplyTo = (pipeline: Pipeline, event: Event) => Promise<{ outcome: Outcome }>;

/** True if the start was postponed. The state of the other pipeline remembers it, and the end of its run makes the start. */
export async function postponeStart(
  relay: Relay,
  pipeline: Pipeline,
  scheduledFor: number,
  success: { seen?: Seen },
  applyTo: ApplyTo,
): Promise<boolean> {
  for (const name of pipeline.waitFor) {
    const other = relay.pipelines.get(name);
    if (other === undefined) continue;
    const event = { kind: "startPostponed", pipeline: pipeline.name, scheduledFor, ...success } as const;
    const { outcome } = await applyTo(other, event);
    if (outcome.kind !== "advanced" && outcome.kind !== "duplicate") continue;
    relay.log("info", {
      event: "schedule.postponed",
      pipeline: pipeline.name,
      scheduledFor: new Date(scheduledFor).toISOString(),
      reason: `a run of ${name} is under way`,
    });
    return true;
  }
  return false;
}
