// What can happen to a pipeline, and what is then to be done. Events are in the past, actions are commands.
import type { Account } from "./pipeline.ts";
import type { Cause, EndedRun, Errand, News, PipelineState, Ticket, ToldPush } from "./run.ts";

export type TriggerFailure =
  /** Nothing was started; asking again may help. */
  | { kind: "refused"; reason: string; retryAfterMs: number | null }
  /** Nothing was started, and asking again will not help. */
  | { kind: "rejected"; reason: string }
  /** Perhaps something was started. */
  | { kind: "unknown"; reason: string };

/** What Docker Hub says of a tag. */
export type TagAnswer =
  /** When it was pushed last, by this program's clock and by Docker Hub's own. */
  | { kind: "pushed"; at: number; hubAt: number }
  /** The repository can be read and has no such tag. */
  | { kind: "missing" }
  /** The repository cannot be read by anyone, and it is of no use to ask again soon. */
  | { kind: "unreadable"; reason: string }
  /** It said nothing, or could not even be asked: no request has left this machine. */
  | { kind: "unknown"; reason: string; retryAfterMs: number | null; wasAsked: boolean };

/** What whoever builds tells of a build. */
export type BuildEnd = { kind: "succeeded" } | { kind: "failed"; reason: string };

export type Event =
  | {
      kind: "runRequested";
      newRunId: string;
      cause: Exclude<Cause, "push">;
      from: string[] | null;
      /** The instant of the schedule, for a start that must not happen twice. */
      scheduledFor: number | null;
      /** What makes it start, for a start that must not happen twice. */
      news: News | null;
    }
  | { kind: "upstreamsLookedUp"; digests: { image: string; digest: string }[]; newRunId: string }
  | { kind: "retryRequested"; runId: string }
  | { kind: "cancelled"; runId: string }
  | {
      kind: "imagePushed";
      step: string;
      pushedAt: number | null;
      newRunId: string;
      /** What Docker Hub said to it, and when the webhook came; null before it was asked. */
      confirmation: { answer: TagAnswer; heardAt: number; random: number } | null;
    }
  | { kind: "triggerAccepted"; runId: string; step: string; attempt: number; ticket: Ticket | null }
  | {
      kind: "triggerFailed";
      runId: string;
      step: string;
      attempt: number;
      failure: TriggerFailure;
      random: number;
    }
  | {
      kind: "tagLookedUp";
      runId: string;
      step: string;
      attempt: number;
      answer: TagAnswer;
      random: number;
    }
  | { kind: "buildEnded"; runId: string; step: string; attempt: number; end: BuildEnd; random: number }
  | ({ kind: "slotTaken"; askedAt: number } & SlotWanted)
  | ({ kind: "slotRefused"; reason: string; random: number } & SlotWanted)
  /** Another build of the account has ended: it is this step's turn. */
  | ({ kind: "slotFreed" } & SlotWanted)
  | { kind: "errandDone"; errand: Errand }
  | { kind: "tick" };

/** By `since`, what became of a slot that was wanted before the run was retried is told from this one. */
export type SlotWanted = { runId: string; step: string; account: string; since: number };

export type EventOf<K extends Event["kind"]> = Extract<Event, { kind: K }>;

export type Action =
  | { kind: "triggerStep"; runId: string; step: string; attempt: number }
  /** Has a push come of it, with its webhook lost? */
  | { kind: "lookUpTag"; runId: string; step: string; attempt: number }
  /** Is it true what a webhook told? */
  | { kind: "confirmPush"; push: Pick<ToldPush, "step" | "pushedAt" | "newRunId">; heardAt: number }
  | { kind: "runErrand"; errand: Errand }
  | { kind: "takeSlot"; runId: string; step: string; account: Account; since: number }
  | ({ kind: "freeSlot" } & SlotWanted)
  /** Its run no longer waits for it. */
  | { kind: "stopBuild"; runId: string; step: string; attempt: number }
  | { kind: "startNext" };

export type Outcome =
  | { kind: "advanced" }
  | { kind: "duplicate"; reason: string }
  | { kind: "ignored"; reason: string }
  /** What was asked for cannot be done now. */
  | { kind: "refused"; reason: string };

export type Decision = {
  state: PipelineState;
  /** Null where it depends on what comes of the actions. */
  outcome: Outcome | null;
  actions: Action[];
  /** The ended run whose place a new one takes: it is history now. */
  replaced: EndedRun | null;
};
