// Carries out what was decided, and tells as an event what became of it.
import type { Action, Event, Outcome, TagAnswer } from "../core/event.ts";
import type { Pipeline } from "../core/pipeline.ts";
import type { ErrandOf } from "../core/run.ts";
import { startBuild } from "../triggers/start-build.ts";
import { takeSlot } from "./account-slots.ts";
import { newRunId, type Relay } from "./relay.ts";
import { tellChannel, tellLog } from "./tell.ts";
import { unlessUnreachable } from "./unless-unreachable.ts";

/** The loop itself, for what an action does to another pipeline. */
export type ApplyTo = (pipeline: Pipeline, event: Event) => Promise<{ outcome: Outcome }>;

type ActionOf<K extends Action["kind"]> = Extract<Action, { kind: K }>;

export async function perform(
  relay: Relay,
  pipeline: Pipeline,
  action: Action,
  applyTo: ApplyTo,
): Promise<Event | null> {
  switch (action.kind) {
    case "triggerStep":
      return triggerStep(relay, pipeline, action);
    case "lookUpTag":
      return lookUpTag(relay, pipeline, action);
    case "confirmPush":
      return confirmPush(relay, pipeline, action);
    case "takeSlot":
      return takeSlot(relay, pipeline, action);
    case "freeSlot":
      // That is done before everything else.
      return null;
    case "stopBuild":
      // It may take its time to end, and nobody waits for that.
      void relay.triggers.commands?.stop(action).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : "unknown";
        relay.log("error", {
          event: "stop.failed",
          pipeline: pipeline.name,
          run: action.runId,
          step: action.step,
          reason,
        });
      });
      return null;
    case "startNext":
      return { kind: "tick" };
    case "runErrand": {
      const { errand } = action;
      const done = { kind: "errandDone", errand } as const;
      if (errand.kind === "start") {
        return (await startFollower(relay, pipeline, errand, applyTo)) ? done : null;
      }
      if (errand.channel !== null) {
        return (await tellChannel(relay, pipeline, errand, errand.channel)) ? done : null;
      }
      tellLog(relay, pipeline, errand);
      return done;
    }
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
    timeoutMs: step.timeoutMs,
  };
  const outcome = await startBuild(step.trigger, build, relay.triggers).catch((error: unknown) => {
    // Sending does not throw: what did comes before it, such as a secret that cannot be read just now.
    const reason = `the trigger could not be prepared (${error instanceof Error ? error.name : "unknown error"})`;
    return { kind: "refused", reason, retryAfterMs: null } as const;
  });
  if (outcome.kind === "accepted") {
    return { kind: "triggerAccepted", runId, step: step.name, attempt, ticket: outcome.ticket };
  }
  return {
    kind: "triggerFailed",
    runId,
    step: step.name,
    attempt,
    failure: outcome,
    random: relay.random(),
  };
}

async function lookUpTag(
  relay: Relay,
  pipeline: Pipeline,
  { runId, step: name, attempt }: ActionOf<"lookUpTag">,
): Promise<Event | null> {
  const answer = await askDockerHub(relay, pipeline, name, runId);
  if (answer === null) return null;
  return { kind: "tagLookedUp", runId, step: name, attempt, answer, random: relay.random() };
}

async function confirmPush(
  relay: Relay,
  pipeline: Pipeline,
  { push, heardAt }: ActionOf<"confirmPush">,
): Promise<Event | null> {
  const answer = await askDockerHub(relay, pipeline, push.step, null);
  if (answer === null) return null;
  return { kind: "imagePushed", ...push, confirmation: { answer, heardAt, random: relay.random() } };
}

async function askDockerHub(
  relay: Relay,
  pipeline: Pipeline,
  name: string,
  runId: string | null,
): Promise<TagAnswer | null> {
  const step = pipeline.steps.find((other) => other.name === name);
  if (step === undefined) return null;
  const answer = await relay.lookUpTag(step.image);
  relay.log(answer.kind === "unknown" ? "warn" : "info", {
    event: "tag.lookedUp",
    pipeline: pipeline.name,
    ...(runId === null ? {} : { run: runId }),
    step: name,
    answer: answer.kind,
    ...("reason" in answer ? { reason: answer.reason } : {}),
    ...("at" in answer ? { pushedAt: new Date(answer.at).toISOString() } : {}),
  });
  return answer;
}

/** Whether that is done: a pipeline that is gone is not started at all. */
async function startFollower(
  relay: Relay,
  pipeline: Pipeline,
  { pipeline: name, runId }: ErrandOf<"start">,
  applyTo: ApplyTo,
): Promise<boolean> {
  const follower = relay.pipelines.get(name);
  if (follower === undefined) return true;
  const asked = await unlessUnreachable(relay, { event: "start.failed", pipeline: name, run: runId }, () =>
    applyTo(follower, {
      kind: "runRequested",
      newRunId: newRunId(relay, follower),
      cause: "upstream",
      from: null,
      scheduledFor: null,
      news: { of: `pipeline ${pipeline.name}`, is: runId },
    }),
  );
  return asked?.outcome.kind === "advanced" || asked?.outcome.kind === "duplicate";
}
