// Carries out what was decided, and tells as an event what became of it.
import type { Action, Event } from "../core/event.ts";
import type { Pipeline } from "../core/pipeline.ts";
import type { PipelineState } from "../core/run.ts";
import { startBuild } from "../triggers/start-build.ts";
import type { Relay } from "./relay.ts";

type ActionOf<K extends Action["kind"]> = Extract<Action, { kind: K }>;

export async function perform(
  relay: Relay,
  pipeline: Pipeline,
  state: PipelineState,
  action: Action,
): Promise<Event | null> {
  switch (action.kind) {
    case "triggerStep":
      return triggerStep(relay, pipeline, action);
    case "confirmPush":
      return confirmPush(relay, pipeline, action);
    case "notify":
      notify(relay, pipeline, state, action);
      return null;
  }
}

async function triggerStep(
  relay: Relay,
  pipeline: Pipeline,
  action: ActionOf<"triggerStep">,
): Promise<Event | null> {
  const step = pipeline.steps.find(({ name }) => name === action.step);
  if (step === undefined) return null;
  const { runId, attempt } = action;
  const build = {
    image: step.image,
    pipeline: pipeline.name,
    step: step.name,
    runId,
    attempt,
  };
  const outcome = await startBuild(step.trigger, build, relay.triggers).catch((error: unknown) => {
    // Sending does not throw: what did comes before it, such as a secret that cannot be read just now.
    const reason = `the trigger could not be prepared (${error instanceof Error ? error.name : "unknown error"})`;
    return { kind: "refused", reason, retryAfterMs: null } as const;
  });
  if (outcome.kind === "accepted") return { kind: "triggerAccepted", runId, step: step.name, attempt };
  return {
    kind: "triggerFailed",
    runId,
    step: step.name,
    attempt,
    failure: outcome,
    random: relay.random(),
  };
}

async function confirmPush(
  relay: Relay,
  pipeline: Pipeline,
  action: ActionOf<"confirmPush">,
): Promise<Event | null> {
  const step = pipeline.steps.find(({ name }) => name === action.step);
  if (step === undefined) return null;
  const answer = await relay.lookUpTag(step.image, action.sinceMs);
  relay.log(answer.kind === "unknown" ? "warn" : "info", {
    event: "tag.lookedUp",
    pipeline: pipeline.name,
    run: action.runId,
    step: step.name,
    answer: answer.kind,
    ...(answer.kind === "unknown" ? { reason: answer.reason } : {}),
  });
  const { runId, attempt } = action;
  return {
    kind: "tagLookedUp",
    runId,
    step: step.name,
    attempt,
    answer,
    random: relay.random(),
  };
}

function notify(relay: Relay, pipeline: Pipeline, { run }: PipelineState, action: ActionOf<"notify">): void {
  const failed = run?.id === action.runId ? run.steps.filter(({ state }) => state === "failed") : [];
  relay.log(action.subject === "runFailed" ? "error" : "info", {
    event: "notice",
    subject: action.subject,
    pipeline: pipeline.name,
    run: action.runId,
    ...(failed.length === 0 ? {} : { failed: failed.map(({ name }) => name).join(", ") }),
  });
}
