// Logs what a save changed in a run, and passes it to the observer.
import type { LogEntry } from "../log.ts";
import { type Run, reasonOf } from "../run/state.ts";
import { type Transition, transitions } from "../run/transitions.ts";
import type { Relay } from "./relay.ts";

export function logTransitions(relay: Relay, before: Run | null, after: Run | null): void {
  for (const transition of transitions(before, after)) {
    const isFailure =
      transition.kind === "stepChanged"
        ? transition.stepRun.state === "failed"
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
      const { stepRun } = transition;
      const { name, image, attempts, state } = stepRun;
      return {
        event: `step.${state}`,
        ...about,
        step: name,
        image,
        attempts,
        ...("reason" in stepRun ? { reason: reasonOf(stepRun) } : {}),
        ...(state === "due" ? { dueAt: new Date(stepRun.dueAt).toISOString() } : {}),
      };
    }
  }
}
