// What can happen to a pipeline, and what is then to be done. Events are in the past, actions are commands.
import type { Cause, EndedRun, PipelineState } from "./run.ts";

export type TriggerFailure =
  /** Nothing was started; asking again may help. */
  | { kind: "refused"; reason: string; retryAfterMs: number | null }
  /** Nothing was started, and asking again will not help. */
  | { kind: "rejected"; reason: string }
  /** Perhaps something was started. */
  | { kind: "unknown"; reason: string };

export type TagAnswer =
  | { kind: "pushed" }
  | { kind: "notPushed" }
  | { kind: "unknown"; reason: string; retryAfterMs: number | null };

export type Event =
  | {
      kind: "runRequested";
      newRunId: string;
      cause: Exclude<Cause, "push">;
      from: string[] | null;
      /** The instant of the schedule, for a start that must not happen twice. */
      scheduledFor: number | null;
    }
  | { kind: "retryRequested"; runId: string }
  | { kind: "cancelled"; runId: string }
  | {
      kind: "imagePushed";
      step: string;
      pushedAt: number | null;
      newRunId: string;
    }
  | { kind: "triggerAccepted"; runId: string; step: string; attempt: number }
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
  | { kind: "tick" };

export type EventOf<K extends Event["kind"]> = Extract<Event, { kind: K }>;

export type Action =
  | { kind: "triggerStep"; runId: string; step: string; attempt: number }
  | {
      kind: "confirmPush";
      runId: string;
      step: string;
      attempt: number;
      sinceMs: number;
    }
  | {
      kind: "notify";
      runId: string;
      subject: "runSucceeded" | "runFailed" | "runCancelled";
    };

export type Outcome =
  | { kind: "advanced" }
  | { kind: "duplicate"; reason: string }
  | { kind: "ignored"; reason: string }
  /** What was asked for cannot be done now. */
  | { kind: "refused"; reason: string };

export type Decision = {
  state: PipelineState;
  outcome: Outcome;
  actions: Action[];
  /** The ended run whose place a new one takes: it is history now. */
  replaced: EndedRun | null;
};
