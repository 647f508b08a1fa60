// Decides whether a push that a webhook reported counts. Docker Hub does not sign its webhooks, so its tag API has to
// confirm them.
import type { TagAnswer } from "../kinds/registry.ts";
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import { backoffMs } from "./backoff.ts";
import { duplicate, ignored } from "./decision.ts";
import type { Action, Decision, EventOf, ReportedPush } from "./event.ts";
import { addPending, dropPending } from "./pending-confirmations.ts";
import type { Completion, PipelineState } from "./state.ts";
import { confirmGiveUpMs, confirmLagMs, freshPushMs, lookUpClaimMs, repeatedWebhookMs } from "./timing.ts";

/** Asks Docker Hub before anything is saved, so that a push that it confirms at once costs no extra write. */
export function requestConfirmation(state: PipelineState, push: ReportedPush, now: number): Decision {
  const pending = state.pendingConfirmations.find(({ step }) => step === push.step);
  if (pending === undefined) {
    return { state, outcome: null, actions: [confirmPush(push, now)], replaced: null };
  }
  const isRecent = now - pending.receivedAt < repeatedWebhookMs;
  return duplicate(
    isRecent ? state : addPending(state, { ...pending, receivedAt: now }),
    `Docker Hub is being asked whether step ${JSON.stringify(push.step)} was pushed`,
  );
}

function confirmPush({ step, pushedAt, newRunId }: ReportedPush, receivedAt: number): Action {
  return { kind: "confirmPush", push: { step, pushedAt, newRunId }, receivedAt };
}

export type Verdict = "counts" | "doesNotCount" | "unknown";

type Grounds = {
  known: Completion | undefined;
  /** The step's first trigger in the run; null if no run is active. */
  triggeredAt: number | null;
  /** When the webhook arrived. */
  receivedAt: number;
};

/** A push counts if it came after the step's first trigger or, while no run is active, after the last known push. */
export function judge(
  { confirm }: Pipeline,
  answer: TagAnswer,
  { known, triggeredAt, receivedAt }: Grounds,
  now: number,
): Verdict {
  const counts = (isSo: boolean) => (isSo ? "counts" : "doesNotCount");
  switch (answer.kind) {
    case "unreadable":
    case "unknown": {
      const cannotBeRead = answer.kind === "unreadable" || !answer.wasAsked;
      if (confirm === "hub" || !cannotBeRead) return "unknown";
      return counts(triggeredAt === null || receivedAt >= triggeredAt);
    }
    case "missing":
      return "doesNotCount";
    case "pushed":
      return counts(
        triggeredAt === null ? isNewerPush(answer, known, now) : isPushedSince(answer, known, triggeredAt),
      );
  }
}

type Pushed = Extract<TagAnswer, { kind: "pushed" }>;

export function isPushedSince(
  { at, hubAt }: Pushed,
  known: Completion | undefined,
  triggeredAt: number,
): boolean {
  // Some of these instants are whole seconds, so two pushes may have the same one.
  const isKnown =
    known?.hubAt != null && (hubAt < known.hubAt || (hubAt === known.hubAt && hubAt % 1000 !== 0));
  return !isKnown && at >= Math.floor(triggeredAt / 1000) * 1000;
}

function isNewerPush({ at, hubAt }: Pushed, known: Completion | undefined, now: number): boolean {
  if (known === undefined) return at > now - freshPushMs;
  return known.hubAt === null ? at > known.at : hubAt > known.hubAt;
}

/** Asks again later, until Docker Hub shows the push or the limit is reached. */
export function retryConfirmation(
  state: PipelineState,
  push: EventOf<"pushLookedUp">,
  verdict: Exclude<Verdict, "counts">,
  now: number,
): Decision {
  const { answer, receivedAt, random } = push;
  const known = state.pendingConfirmations.find(({ step }) => step === push.step);
  const pending = known ?? {
    step: push.step,
    pushedAt: push.pushedAt,
    newRunId: push.newRunId,
    receivedAt,
    lookUps: 0,
  };
  const isDenied = verdict === "doesNotCount";
  const step = JSON.stringify(push.step);
  const reason = isDenied
    ? `Docker Hub shows no new push of step ${step}`
    : `Docker Hub could not be asked whether step ${step} was pushed`;
  if (now - pending.receivedAt >= (isDenied ? confirmLagMs : confirmGiveUpMs)) {
    return ignored(dropPending(state, push.step), reason);
  }
  const lookUps = pending.lookUps + 1;
  const retryAfterMs = answer.kind === "unknown" ? answer.retryAfterMs : null;
  const wakeAt = now + backoffMs(lookUps, random, retryAfterMs);
  return ignored(addPending(state, { ...pending, lookUps, wakeAt }), `${reason}; it will be asked again`);
}

/** Moves `wakeAt` past the look-up, so that another sweep does not start a second one. */
export function repeatDueConfirmations(
  pipeline: Pipeline,
  state: PipelineState,
  now: number,
): Pick<Decision, "state" | "actions"> {
  if (state.pendingConfirmations.every(({ wakeAt }) => wakeAt > now)) return { state, actions: [] };
  const configured = state.pendingConfirmations.filter(({ step }) => findStep(pipeline, step) !== undefined);
  const due = configured.filter(({ wakeAt }) => wakeAt <= now);
  const pendingConfirmations = configured.map((pending) =>
    due.includes(pending) ? { ...pending, wakeAt: now + lookUpClaimMs } : pending,
  );
  return {
    state: { ...state, pendingConfirmations },
    actions: due.map((pending) => confirmPush(pending, pending.receivedAt)),
  };
}
