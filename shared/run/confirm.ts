// Decides whether a push that a webhook reported counts. Anyone who knows the secret could send a webhook, so the image's
// registry has to confirm it: Docker Hub by the time of the push, any other by what the tag points to.
import type { TagAnswer } from "../kinds/registry.ts";
import { findStep, imageNameOf, type Pipeline } from "../pipeline/pipeline.ts";
import { backoffMs } from "./backoff.ts";
import { duplicate, ignored } from "./decision.ts";
import type { Action, Decision, EventOf, ReportedPush } from "./event.ts";
import { addPending, dropPending } from "./pending-confirmations.ts";
import type { Completion, PendingConfirmation, PipelineState, StepRun } from "./state.ts";
import {
  confirmGiveUpMs,
  confirmLagMs,
  freshPushMs,
  lookUpClaimMs,
  movedTagMs,
  repeatedWebhookMs,
} from "./timing.ts";

/** Asks the registry before anything is saved, so that a push that it confirms at once costs no extra write. */
export function requestConfirmation(state: PipelineState, push: ReportedPush, now: number): Decision {
  const pending = state.pendingConfirmations.find(({ step }) => step === push.step);
  if (pending === undefined || reportsOther(push, pending)) {
    return { state, outcome: null, actions: [confirmPush(push, now)], replacedRun: null };
  }
  const isRecent = now - pending.receivedAt < repeatedWebhookMs;
  return duplicate(
    isRecent ? state : addPending(state, { ...pending, receivedAt: now }),
    `the registry is being asked whether step ${JSON.stringify(push.step)} was pushed`,
  );
}

/** Two webhooks of one push report the same digest. Docker Hub reports none, so its webhooks are all taken for one push. */
function reportsOther(push: Report, pending: Report): boolean {
  if (push.digest === null) return false;
  return push.digest !== pending.digest || push.pushedAt !== pending.pushedAt;
}

function confirmPush(push: ReportedPush, receivedAt: number): Action {
  const { step, candidateOf, image, pushedAt, digest, newRunId } = push;
  const which = {
    ...(candidateOf === undefined ? {} : { candidateOf }),
    ...(image === undefined ? {} : { image }),
  };
  return { kind: "confirmPush", push: { step, ...which, pushedAt, digest, newRunId }, receivedAt };
}

export type Verdict = "counts" | "doesNotCount" | "unknown";

/** A step's first trigger in a run, and what its tag pointed to before. */
export type Triggered = { triggeredAt: number; digestBefore: string | null };

type Grounds = {
  known: Completion | undefined;
  /** The step in the active or in the last run. */
  stepRun: StepRun | undefined;
  /** In the active run, or in a cancelled run whose build may still push; otherwise null. */
  triggered: Triggered | null;
  /** When the webhook arrived. */
  receivedAt: number;
  /**
   * The registry was asked about this push before. With `confirm: auto`, a webhook counts alone if no request can be sent to its
   * registry, which has never answered; but only at the first look-up.
   */
  isPending: boolean;
  /** What the webhook reported. */
  push: Pick<ReportedPush, "pushedAt" | "digest">;
};

/** A push counts if it came after the step's first trigger or, if there is none, is newer than the last known push. */
export function judge({ confirm }: Pipeline, answer: TagAnswer, grounds: Grounds, now: number): Verdict {
  const { known, stepRun, triggered, receivedAt } = grounds;
  switch (answer.kind) {
    case "unreadable":
      return confirm === "registry" ? "unknown" : counts(isAfterTrigger(receivedAt, triggered));
    case "unknown": {
      const cannotBeRead = !answer.requestSent && !grounds.isPending && !wasReadable(known, stepRun);
      if (confirm === "registry" || !cannotBeRead) return "unknown";
      return counts(isAfterTrigger(receivedAt, triggered));
    }
    case "missing":
      return "doesNotCount";
    case "pushed":
      return counts(
        triggered === null
          ? isNewerPush(answer, known, now) && !isJustMoved(answer, known, now)
          : isPushedSince(answer, known, triggered.triggeredAt),
      );
    case "found":
      return triggered === null
        ? judgeOutsideOfRun(answer.digest, grounds)
        : judgeWithinRun(answer.digest, triggered, grounds);
  }
}

function counts(isSo: boolean): Verdict {
  return isSo ? "counts" : "doesNotCount";
}

function isAfterTrigger(instant: number, triggered: Triggered | null): boolean {
  return triggered === null || instant >= triggered.triggeredAt;
}

/** A registry that answered before is only unreachable at the moment. */
function wasReadable(known: Completion | undefined, stepRun: StepRun | undefined): boolean {
  const digestBefore = stepRun?.digestBefore ?? null;
  return known?.hubAt != null || known?.digest != null || digestBefore !== null;
}

/** The same digest as before the trigger is either an old push or an identical rebuild; only the webhook can tell which. */
function judgeWithinRun(digest: string, triggered: Triggered, { known, push, receivedAt }: Grounds): Verdict {
  const before = triggered.digestBefore;
  // A repeated webhook of a push that an earlier trigger led to.
  const isKnown = push.pushedAt !== null && known?.pushedAt === push.pushedAt && known.digest === digest;
  if (isKnown) return "doesNotCount";
  if (before !== null && digest !== before) return "counts";
  if (push.digest !== null) {
    return counts(
      push.digest === digest && isAfterTrigger(latestInstantOf(push.pushedAt) ?? receivedAt, triggered),
    );
  }
  return before === null ? "unknown" : "doesNotCount";
}

function judgeOutsideOfRun(digest: string, { known, push }: Grounds): Verdict {
  if (push.digest !== null && push.digest !== digest) return "doesNotCount";
  if (known === undefined) return "counts";
  if (known.digest !== null) return counts(digest !== known.digest);
  return counts((latestInstantOf(push.pushedAt) ?? 0) > known.at);
}

/** The clocks of a registry and of this program may differ by this. */
const clockDifferenceMs = 5_000;

/**
 * A webhook's time in milliseconds, at its latest: some are whole seconds, and clocks differ. A push must not seem to precede its
 * trigger.
 */
function latestInstantOf(pushedAt: number | null): number | null {
  if (pushedAt === null) return null;
  return (pushedAt < 1e11 ? pushedAt * 1000 + 999 : pushedAt) + clockDifferenceMs;
}

/** Whether the registry shows by itself that the step was pushed since its trigger. */
export function showsPush(
  answer: TagAnswer,
  known: Completion | undefined,
  { triggeredAt, digestBefore }: Pick<StepRun, "triggeredAt" | "digestBefore">,
): boolean {
  if (triggeredAt === null) return false;
  if (answer.kind === "pushed") return isPushedSince(answer, known, triggeredAt);
  return answer.kind === "found" && digestBefore !== null && answer.digest !== digestBefore;
}

/** What a completion keeps of the registry's answer. */
export function proofOf(answer: TagAnswer): Pick<Completion, "hubAt" | "digest"> {
  return {
    hubAt: answer.kind === "pushed" ? answer.hubAt : null,
    digest: digestIn(answer),
  };
}

/** What the tag points to, if the registry tells. */
export function digestIn(answer: TagAnswer): string | null {
  return answer.kind === "found" || answer.kind === "pushed" ? (answer.digest ?? null) : null;
}

type Pushed = Extract<TagAnswer, { kind: "pushed" }>;

function isPushedSince({ at, hubAt }: Pushed, known: Completion | undefined, triggeredAt: number): boolean {
  // Some of these instants are whole seconds, so two pushes may have the same one.
  const isKnown =
    known?.hubAt != null && (hubAt < known.hubAt || (hubAt === known.hubAt && hubAt % 1000 !== 0));
  return !isKnown && at >= Math.floor(triggeredAt / 1000) * 1000;
}

/**
 * Docker Hub sends a webhook for a tag that Tagrelay itself has moved, too. What it was moved to is recorded, and soon after is no
 * new push.
 */
function isJustMoved({ digest }: Pushed, known: Completion | undefined, now: number): boolean {
  return digest != null && known?.digest === digest && now - known.at < movedTagMs;
}

function isNewerPush({ at, hubAt }: Pushed, known: Completion | undefined, now: number): boolean {
  if (known === undefined) return at > now - freshPushMs;
  return known.hubAt === null ? at > known.at : hubAt > known.hubAt;
}

/** Asks again later, until the registry shows the push or the limit is reached. */
export function retryConfirmation(
  pipeline: Pipeline,
  state: PipelineState,
  push: EventOf<"pushLookedUp">,
  verdict: Exclude<Verdict, "counts">,
  now: number,
): Decision {
  const { answer, receivedAt, random } = push;
  const earlier = state.pendingConfirmations.find(({ step }) => step === push.step);
  const configuredStep = findStep(pipeline, push.step);
  const pending = {
    step: push.step,
    image: configuredStep === undefined ? null : imageNameOf(configuredStep),
    ...(push.candidateOf === undefined ? {} : { candidateOf: push.candidateOf }),
    newRunId: earlier?.newRunId ?? push.newRunId,
    receivedAt: earlier?.receivedAt ?? receivedAt,
    lookUps: earlier?.lookUps ?? 0,
    ...(earlier === undefined ? reportOf(push) : laterReport(earlier, push)),
  };
  const isDenied = verdict === "doesNotCount";
  const step = JSON.stringify(push.step);
  const reason = isDenied
    ? `the registry shows no new push of step ${step}`
    : `it is not known yet whether the push of step ${step} counts`;
  if (now - pending.receivedAt >= (isDenied ? confirmLagMs : confirmGiveUpMs)) {
    return ignored(dropPending(state, push.step), reason);
  }
  const lookUps = pending.lookUps + 1;
  const retryAfterMs = answer.kind === "unknown" ? answer.retryAfterMs : null;
  const wakeAt = now + backoffMs(lookUps, random, retryAfterMs);
  return ignored(
    addPending(state, { ...pending, lookUps, wakeAt }),
    `${reason}; the registry will be asked again`,
  );
}

type Report = Pick<ReportedPush, "pushedAt" | "digest">;

const reportOf = ({ pushedAt, digest }: Report): Report => ({ pushedAt, digest });

/** A late webhook of an earlier push does not replace that of a later one. */
function laterReport(known: Report, push: Report): Report {
  const isEarlier = push.pushedAt !== null && known.pushedAt !== null && push.pushedAt < known.pushedAt;
  return reportOf(isEarlier || push.digest === null ? known : push);
}

/** A push of the image that the step had before its configuration changed says nothing about its new one. */
function isConfigured(pipeline: Pipeline, { step: name, image }: PendingConfirmation): boolean {
  const step = findStep(pipeline, name);
  return step !== undefined && (image === null || image === imageNameOf(step));
}

/** Moves `wakeAt` past the look-up, so that another sweep does not start a second one. */
export function repeatDueConfirmations(
  pipeline: Pipeline,
  state: PipelineState,
  now: number,
): Pick<Decision, "state" | "actions"> {
  if (state.pendingConfirmations.every(({ wakeAt }) => wakeAt > now)) return { state, actions: [] };
  const stillConfigured = state.pendingConfirmations.filter((pending) => isConfigured(pipeline, pending));
  const due = stillConfigured.filter(({ wakeAt }) => wakeAt <= now);
  const pendingConfirmations = stillConfigured.map((pending) =>
    due.includes(pending) ? { ...pending, wakeAt: now + lookUpClaimMs } : pending,
  );
  return {
    state: { ...state, pendingConfirmations },
    actions: due.map(({ image, ...pending }) => {
      const dependsOnRun = pipeline.configured !== null && image !== null;
      return confirmPush(dependsOnRun ? { ...pending, image } : pending, pending.receivedAt);
    }),
  };
}
