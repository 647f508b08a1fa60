// Tells the log, and whoever listens, what a save has changed.
import type { Run } from "../core/run.ts";
import { type Transition, transitions } from "../core/transitions.ts";
import type { LogEntry } from "../log/log.ts";
import type { Relay } from "./relay.ts";

export function logTransitions(relay: Relay, before: Run | null, after: Run | null): void {
  for (const transition of transitions(before, after)) {
    const isFailure =
      transition.kind === "stepChanged"
        ? transition.step.state === "failed"
        : transition.run.status === "failed";
    relay.log(isFailure ? "error" : "info", entryOf(transition));
  }
  relay.observe(before, after);
}

function entryOf(transition: Transition): LogEntry {
  const { run } = transition;
  const about = { pipeline: run.pipeline, run: run.id };
  switch (transition.kind) {
    case "runStarted":
      return { event: "run.started", ...about, cause: run.cause };
    case "runEnded":
      return { event: `run.${run.status}`, ...about };
    case "stepChanged": {
      const { step } = transition;
      return {
        event: `step.${step.state}`,
        ...about,
        step: step.name,
        image: step.image,
        attempts: step.attempts,
        ...("reason" in step ? { reason: step.reason } : {}),
        ...(step.state === "due" ? { dueAt: new Date(step.dueAt).toISOString() } : {}),
      };
    }
  }
}
