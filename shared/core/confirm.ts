// Whether a push counts that a webhook has told of. Docker Hub does not sign its webhooks, so Docker Hub is asked.
import { backoffMs } from "./backoff.ts";
import { leave } from "./decision.ts";
import type { Action, Decision, EventOf, TagAnswer } from "./event.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Completion, PipelineState, ToldPush } from "./run.ts";
import { confirmAtMostMs, confirmLagMs, freshPushMs, lookUpClaimMs, toldAgainMs } from "./timing.ts";
import { dropTold, putTold } from "./told-pushes.ts";

type Push = EventOf<"imagePushed">;

/** Docker Hub is asked before anything is saved: a push that is confirmed at once costs no write of its own. */
export function askDockerHub(state: PipelineState, push: Push, now: number): Decision {
  const told = state.told.find(({ step }) => step === push.step);
  if (told === undefined) return { state, outcome: null, actions: [confirmation(push, now)], replaced: null };
  const isRecent = now - told.at < toldAgainMs;
  return leave(
    isRecent ? state : putTold(state, { ...told, at: now }),
    "duplicate",
    `Docker Hub is being asked whether step ${JSON.stringify(push.step)} was pushed`,
  );
}

function confirmation(
  { step, pushedAt, newRunId }: Pick<ToldPush, "step" | "pushedAt" | "newRunId">,
  heardAt: number,
): Action {
  return { kind: "confirmPush", push: { step, pushedAt, newRunId }, heardAt };
}

export type Verdict = "counts" | "doesNotCount" | "unknown";

type Grounds = {
  known: Completion | undefined;
  /** The step's first trigger in the run; null outside of any run. */
  triggeredAt: number | null;
  /** When the webhook came. */
  heardAt: number;
};

/** Within a run a push counts since its step's first trigger; outside of any, since the last push that is known. */
export function judge(
  { confirm }: Pipeline,
  answer: TagAnswer,
  { known, triggeredAt, heardAt }: Grounds,
  now: number,
): Verdict {
  const counts = (isSo: boolean) => (isSo ? "counts" : "doesNotCount");
  switch (answer.kind) {
    case "unreadable":
    case "unknown": {
      const cannotBeRead = answer.kind === "unreadable" || !answer.wasAsked;
      if (confirm === "hub" || !cannotBeRead) return "unknown";
      return counts(triggeredAt === null || heardAt >= triggeredAt);
    }
    case "missing":
      return "doesNotCount";
    case "pushed":
      return counts(
        triggeredAt === null ? isNews(answer, known, now) : isPushedSince(answer, known, triggeredAt),
      );
  }
}

type Pushed = Extract<TagAnswer, { kind: "pushed" }>;

export function isPushedSince(
  { at, hubAt }: Pushed,
  known: Completion | undefined,
  triggeredAt: number,
): boolean {
  // Some of these instants come in whole seconds: two pushes may then have the same.
  const isKnown =
    known?.hubAt != null && (hubAt < known.hubAt || (hubAt === known.hubAt && hubAt % 1000 !== 0));
  return !isKnown && at >= Math.floor(triggeredAt / 1000) * 1000;
}

function isNews({ at, hubAt }: Pushed, known: Completion | undefined, now: number): boolean {
  if (known === undefined) return at > now - freshPushMs;
  return known.hubAt === null ? at > known.at : hubAt > known.hubAt;
}

/** Asks again later, until Docker Hub shows the push or it is too late for that. */
export function keepAsking(
  state: PipelineState,
  push: Push,
  { answer, heardAt, random }: NonNullable<Push["confirmation"]>,
  verdict: Exclude<Verdict, "counts">,
  now: number,
): Decision {
  const known = state.told.find(({ step }) => step === push.step);
  const told = known ?? {
    step: push.step,
    pushedAt: push.pushedAt,
    newRunId: push.newRunId,
    at: heardAt,
    lookUps: 0,
  };
  const saysNo = verdict === "doesNotCount";
  const step = JSON.stringify(push.step);
  if (now - told.at >= (saysNo ? confirmLagMs : confirmAtMostMs)) {
    const reason = saysNo
      ? `Docker Hub does not know of a new push of step ${step}`
      : `Docker Hub could not be asked whether step ${step} was pushed`;
    return leave(dropTold(state, push.step), "ignored", reason);
  }
  const lookUps = told.lookUps + 1;
  const retryAfterMs = answer.kind === "unknown" ? answer.retryAfterMs : null;
  const wakeAt = now + backoffMs(lookUps, random, retryAfterMs);
  const reason = saysNo
    ? `Docker Hub does not know of a new push of step ${step} yet, and is asked again`
    : `Docker Hub could not be asked whether step ${step} was pushed, and is asked again`;
  return leave(putTold(state, { ...told, lookUps, wakeAt }), "ignored", reason);
}

/** Each is put off while it is asked for, so that another sweep does not ask too. */
export function askOverdue(
  pipeline: Pipeline,
  state: PipelineState,
  now: number,
): Pick<Decision, "state" | "actions"> {
  if (state.told.every(({ wakeAt }) => wakeAt > now)) return { state, actions: [] };
  const configured = state.told.filter((told) => pipeline.steps.some(({ name }) => name === told.step));
  const due = configured.filter(({ wakeAt }) => wakeAt <= now);
  const told = configured.map((entry) =>
    due.includes(entry) ? { ...entry, wakeAt: now + lookUpClaimMs } : entry,
  );
  return { state: { ...state, told }, actions: due.map((entry) => confirmation(entry, entry.at)) };
}
