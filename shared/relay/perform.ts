// Carries out one action, and returns its result as an event.
import { isIdempotent, startBuild, stopBuild } from "../builders/builders.ts";
import { describeBase, type Evidence, type ExpectedBase } from "../evidence/evidence.ts";
import { lookAtFreshness } from "../evidence/freshness.ts";
import { gatherEvidence } from "../evidence/gather.ts";
import { type Image, imageName, splitImageName } from "../image/image.ts";
import { hasUnfilledParameter } from "../image/tag-parameters.ts";
import type { TriggerFailure } from "../kinds/builder.ts";
import type { TagAnswer } from "../kinds/registry.ts";
import { type LogEntry, messageOf, nameOf } from "../log.ts";
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import { withParameters } from "../pipeline/with-parameters.ts";
import { candidateOfRun } from "../run/candidates.ts";
import type {
  Action,
  ActionOf,
  DigestBefore,
  Event,
  ImageVariant,
  Outcome,
  ReportedPush,
} from "../run/event.ts";
import { isHandled, isSeen } from "../run/on-start.ts";
import { successOf } from "../run/outbox.ts";
import type { OutboxEntryOf, PipelineState, Seen } from "../run/state.ts";
import { acquireSlot } from "./account-slots.ts";
import { askBuilders } from "./ask-builders.ts";
import { ifStoreReachable } from "./if-store-reachable.ts";
import { postponeStart } from "./postpone-start.ts";
import { moveTags, readTags } from "./promote.ts";
import { newRunId, type Relay } from "./relay.ts";
import { logNotice, notifyChannel } from "./send-notices.ts";

/** `apply` itself, for actions that change another pipeline. */
export type ApplyTo = (
  pipeline: Pipeline,
  event: Event,
) => Promise<{ outcome: Outcome; state: PipelineState }>;

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
    case "lookUpBuild":
      return lookUpBuild(relay, pipeline, action);
    case "confirmPush":
      return confirmPush(relay, pipeline, action);
    case "lookUpDigests":
      return lookUpDigests(relay, pipeline, action);
    case "lookForStale":
      return lookForStale(relay, pipeline, action);
    case "lookAtStep":
      return lookAtStep(relay, pipeline, action);
    case "readTags":
      return readTags(relay, pipeline, action);
    case "moveTags":
      return moveTags(relay, pipeline, action);
    case "gatherEvidence":
      return gatherPushEvidence(relay, pipeline, action);
    case "acquireSlot":
      return acquireSlot(relay, pipeline, action);
    case "releaseSlot":
      // apply() releases slots before all other actions.
      return null;
    case "stopBuild":
      await stopAttempt(relay, pipeline, action);
      return null;
    case "startQueuedRun":
      return { kind: "tick" };
    case "deliverOutboxEntry":
      return deliver(relay, pipeline, action, applyTo);
  }
}

async function triggerStep(
  relay: Relay,
  pipeline: Pipeline,
  {
    runId,
    step: name,
    attempt,
    repeats: repeatedAttempt,
    bases,
    isCandidate,
    parameters = {},
  }: ActionOf<"triggerStep">,
): Promise<Event | null> {
  const step = findStep(withParameters(pipeline, parameters), name);
  if (step === undefined) return null;
  const fail = (failure: TriggerFailure): Event => {
    return { kind: "triggerFailed", runId, step: name, attempt, failure, random: relay.random() };
  };
  const { timeoutMs } = step;
  const image = step.image !== null && isCandidate ? candidateOfRun(step.image, runId) : step.image;
  if (image !== null && hasUnfilledParameter(image)) {
    const reason = `${imageName(image)} has a parameter that was added after the run began, so the run has no value for it; start a new run`;
    return fail({ kind: "rejected", reason });
  }
  // The promotion moves the further tags later.
  const tags = isCandidate ? [] : step.tags;
  // An idempotent builder recognizes the number of the repeated attempt, and starts no second build.
  const sentAs = repeatedAttempt !== undefined && isIdempotent(step.trigger) ? repeatedAttempt : attempt;
  const about = { pipeline: pipeline.name, step: name, runId, attempt: sentAs, timeoutMs, bases };
  const build = { image, tags, parameters, ...about };
  const outcome = await startBuild(step.trigger, build, relay.builderContext).catch((error: unknown) => {
    // Sending does not throw. What failed came before, such as reading a secret.
    const reason = `the trigger could not be prepared (${nameOf(error)})`;
    return { kind: "refused", reason, retryAfterMs: null } as const;
  });
  if (outcome.kind === "accepted") {
    return { kind: "triggerAccepted", runId, step: name, attempt, build: outcome.build };
  }
  return fail(outcome);
}

async function lookUpDigests(
  relay: Relay,
  pipeline: Pipeline,
  { runId, steps, event, ...variant }: ActionOf<"lookUpDigests">,
): Promise<Event> {
  const found = await Promise.all(
    steps.map(async (step): Promise<DigestBefore> => {
      const answer = await askRegistry(relay, pipeline, step, runId, imageOf(pipeline, step, runId, variant));
      return { step, digest: answer === null ? null : digestNow(answer) };
    }),
  );
  return { ...event, digestsBefore: [...(event.digestsBefore ?? []), ...found] };
}

/** `absent` if there is no such tag. Null if the registry does not say, and at Docker Hub, where the time of the push decides. */
function digestNow(answer: TagAnswer): string | null {
  if (answer.kind === "missing") return "absent";
  return answer.kind === "found" ? answer.digest : null;
}

async function lookUpTag(
  relay: Relay,
  pipeline: Pipeline,
  { runId, step, attempt, ...variant }: ActionOf<"lookUpTag">,
): Promise<Event | null> {
  const answer = await askRegistry(relay, pipeline, step, runId, imageOf(pipeline, step, runId, variant));
  if (answer === null) return null;
  return { kind: "tagLookedUp", runId, step, attempt, answer, random: relay.random() };
}

async function lookUpBuild(
  relay: Relay,
  pipeline: Pipeline,
  action: ActionOf<"lookUpBuild">,
): Promise<Event | null> {
  const asked = { pipeline, ...action };
  if (relay.buildsToLookUp !== null) {
    relay.buildsToLookUp.push(asked);
    return null;
  }
  const [answered] = await askBuilders(relay, [asked]);
  return answered?.event ?? null;
}

async function confirmPush(
  relay: Relay,
  pipeline: Pipeline,
  { push, receivedAt }: ActionOf<"confirmPush">,
): Promise<Event | null> {
  const { step, candidateOf } = push;
  const own = push.image === undefined ? imageOf(pipeline, step, "", {}) : splitImageName(push.image);
  const image = own === null || candidateOf === undefined ? own : candidateOfRun(own, candidateOf);
  const ask = () => askRegistry(relay, pipeline, step, candidateOf ?? null, image);
  let answer = await ask();
  if (answer !== null && mayBeTooEarly(answer, push)) {
    await relay.sleep(tagLagMs);
    answer = await ask();
  }
  if (answer === null) return null;
  return { kind: "pushLookedUp", ...push, answer, receivedAt, random: relay.random() };
}

async function gatherPushEvidence(
  relay: Relay,
  pipeline: Pipeline,
  { image, digest, bases, event }: ActionOf<"gatherEvidence">,
): Promise<Event> {
  const evidence = await gatherInTime(relay, image, digest, bases);
  logEvidence(relay, "image.verified", pipeline, event.step, image, evidence);
  return { ...event, evidence };
}

/** A sweep has some minutes for all that is due. */
const maxLookMs = 45_000;

async function lookForStale(
  relay: Relay,
  pipeline: Pipeline,
  { images }: ActionOf<"lookForStale">,
): Promise<Event> {
  const { readContent, proofs, clock } = relay;
  const endsAt = clock() + maxLookMs;
  const found = await lookAtFreshness(readContent, proofs, images, () => clock() > endsAt);
  const counts = Map.groupBy(found, ({ state }) => state);
  const numbers = [...counts].map(([state, { length }]) => `${length} ${state}`);
  relay.log("info", { event: "images.lookedAt", pipeline: pipeline.name, found: numbers.join(", ") });
  const looked = found.map(({ step, state, since, because, isTemporary }) => {
    return { step, state, since, because, isTemporary };
  });
  return { kind: "freshnessLookedAt", images: looked, newRunId: newRunId(relay, pipeline) };
}

async function lookAtStep(
  relay: Relay,
  pipeline: Pipeline,
  { runId, step, attempt, image, bases }: ActionOf<"lookAtStep">,
): Promise<Event> {
  const evidence = await gatherInTime(relay, image, null, bases);
  logEvidence(relay, "image.lookedAt", pipeline, step, image, evidence);
  return { kind: "stepLookedAt", runId, step, attempt, evidence };
}

/** The function that handles a webhook has 29 seconds for all that follows from it. */
const maxEvidenceMs = 8_000;

function gatherInTime(
  { readContent, clock }: Relay,
  image: Image,
  digest: string | null,
  bases: ExpectedBase[],
) {
  const endsAt = clock() + maxEvidenceMs;
  return gatherEvidence(readContent, image, digest, bases, () => clock() > endsAt);
}

function logEvidence(
  relay: Relay,
  event: string,
  pipeline: Pipeline,
  step: string,
  image: Image,
  evidence: Evidence,
): void {
  relay.log(evidence.kind === "unknown" ? "warn" : "info", {
    event,
    pipeline: pipeline.name,
    step,
    image: imageName(image),
    ...describeEvidence(evidence),
  });
}

function describeEvidence(evidence: Evidence): Omit<LogEntry, "event"> {
  if (evidence.kind === "unknown") return { reason: evidence.reason };
  const { digest, platforms, standsOn } = evidence.pushed;
  const verdicts = standsOn.map(({ base, verdict }) => `${describeBase(base)} ${verdict}`);
  return { digest, platforms: platforms.join(", "), standsOn: verdicts.join(", ") };
}

/** The registry that Docker distributes (`registry:2`) reports a push a moment before the tag points to it. */
const tagLagMs = 1_000;

function mayBeTooEarly(answer: TagAnswer, { digest }: ReportedPush): boolean {
  if (digest === null) return false;
  return answer.kind === "missing" || (answer.kind === "found" && answer.digest !== digest);
}

/** What the step pushes in the run. */
function imageOf(
  pipeline: Pipeline,
  name: string,
  runId: string,
  { isCandidate, parameters }: ImageVariant,
): Image | null {
  const image = findStep(withParameters(pipeline, parameters ?? {}), name)?.image ?? null;
  return image !== null && isCandidate ? candidateOfRun(image, runId) : image;
}

async function askRegistry(
  relay: Relay,
  pipeline: Pipeline,
  name: string,
  runId: string | null,
  image: Image | null,
): Promise<TagAnswer | null> {
  if (image === null) return null;
  const answer = await relay.lookUpTag(image);
  relay.log(answer.kind === "unknown" ? "warn" : "info", {
    event: "tag.lookedUp",
    pipeline: pipeline.name,
    ...(runId === null ? {} : { run: runId }),
    step: name,
    answer: answer.kind,
    ...("reason" in answer ? { reason: answer.reason } : {}),
    ...("at" in answer ? { pushedAt: new Date(answer.at).toISOString() } : {}),
    ...("digest" in answer ? { digest: answer.digest } : {}),
  });
  return answer;
}

/** A command may take long to end, so nobody waits for it. The request to a builder has to be sent before a function on AWS ends. */
async function stopAttempt(
  { builderContext, log }: Relay,
  pipeline: Pipeline,
  action: ActionOf<"stopBuild">,
): Promise<void> {
  const { runId, step, build } = action;
  const report = (error: unknown) =>
    log("error", {
      event: "stop.failed",
      pipeline: pipeline.name,
      run: runId,
      step,
      reason: messageOf(error),
    });
  void builderContext.commands?.stop(action).catch(report);
  const trigger = findStep(pipeline, step)?.trigger;
  if (build !== null && trigger !== undefined) await stopBuild(trigger, build, builderContext).catch(report);
}

async function deliver(
  relay: Relay,
  pipeline: Pipeline,
  { entry }: ActionOf<"deliverOutboxEntry">,
  applyTo: ApplyTo,
): Promise<Event | null> {
  const done = { kind: "outboxEntryDone", entry } as const;
  if (entry.kind === "start") {
    return (await startFollower(relay, pipeline, entry, applyTo)) ? done : null;
  }
  if (entry.channel !== null) {
    return (await notifyChannel(relay, pipeline, entry, entry.channel)) ? done : null;
  }
  logNotice(relay, pipeline, entry);
  return done;
}

/** True once there is nothing left to do; a pipeline that is gone is not started at all. */
async function startFollower(
  relay: Relay,
  pipeline: Pipeline,
  { pipeline: name, runId, scheduledFor, seen }: OutboxEntryOf<"start">,
  applyTo: ApplyTo,
): Promise<boolean> {
  const follower = relay.pipelines.get(name);
  if (follower === undefined) return true;
  const about = { event: "start.failed", pipeline: name, run: runId };
  if (scheduledFor !== undefined) {
    const start = () =>
      startPostponed(relay, follower, scheduledFor, seen === undefined ? {} : { seen }, applyTo);
    return (await ifStoreReachable(relay, about, start)) ?? false;
  }
  const applied = await ifStoreReachable(relay, about, () =>
    applyTo(follower, {
      kind: "runRequested",
      newRunId: newRunId(relay, follower),
      cause: "upstream",
      from: null,
      seen: successOf({ pipeline: pipeline.name, id: runId }),
    }),
  );
  return applied?.outcome.kind === "advanced" || applied?.outcome.kind === "duplicate";
}

/** Starts what its schedule would have started earlier, unless it has to wait for yet another pipeline. True once that is saved. */
async function startPostponed(
  relay: Relay,
  pipeline: Pipeline,
  scheduledFor: number,
  success: { seen?: Seen },
  applyTo: ApplyTo,
): Promise<boolean> {
  if (await postponeStart(relay, pipeline, scheduledFor, success, applyTo)) return true;
  const { state } = await applyTo(pipeline, {
    kind: "runRequested",
    newRunId: newRunId(relay, pipeline),
    cause: "schedule",
    from: null,
    scheduledFor,
    ...success,
  });
  // A sweep that is about to end saves nothing.
  return success.seen === undefined ? isHandled(state, scheduledFor) : isSeen(state, success.seen);
}
