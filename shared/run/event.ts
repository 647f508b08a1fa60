// The events that `decide` handles and the actions it returns. Events are in the past tense, actions are commands.
import type { Evidence, ExpectedBase } from "../evidence/evidence.ts";
import type { Freshness } from "../evidence/freshness.ts";
import type { Image } from "../image/image.ts";
import type { Parameters } from "../image/tag-parameters.ts";
import type { BuildAnswer, BuildEnd, BuildReference, PinnedBase, TriggerFailure } from "../kinds/builder.ts";
import type { PlatformManifest, TagAnswer } from "../kinds/registry.ts";
import type { Account } from "../pipeline/pipeline.ts";
import type { StepToCheck } from "./images-to-check.ts";
import type { EndedRun, OutboxEntry, PendingConfirmation, PipelineState, Seen } from "./state.ts";

/** What started a run, and what makes a repeated request for it a duplicate. */
export type RunCause =
  | { cause: "manual" }
  /** With `seen`, it is also the start that a success causes: if it cannot begin, it is queued instead of skipped. */
  | { cause: "schedule"; scheduledFor: number; seen?: Seen }
  | { cause: "upstream" | "source"; seen: Seen }
  /** A look at the registries found images that are behind. */
  | { cause: "stale" };

/** A push as a webhook reported it. */
export type ReportedPush = Pick<
  PendingConfirmation,
  "step" | "candidateOf" | "pushedAt" | "digest" | "newRunId"
> & {
  /** The image, if the step has another one in other runs. */
  image?: string;
};

export type UpstreamDigest = { image: string; digest: string; platforms: PlatformManifest[] | null };

export type Event = BareEvent & { digestsBefore?: DigestBefore[] };

export type LookedAt = Freshness & { step: string };

/** What a step's tag points to before its trigger is sent: see `StepRun`. */
export type DigestBefore = { step: string; digest: string | null };

/** `current` is `absent` for a new tag. */
export type ReadTag = { step: string; image: string } & (
  | { kind: "read"; candidate: string; current: string }
  | ({ kind: "failed" } & TagFailure)
);
export type MovedTag = { step: string; image: string } & (
  | { kind: "moved" }
  | ({ kind: "failed" } & TagFailure)
);
/** `isTemporary` if trying again may help. */
type TagFailure = { reason: string; isTemporary: boolean };

type BareEvent =
  | ({
      kind: "runRequested";
      newRunId: string;
      from: string[] | null;
      onlyStale?: boolean;
      parameters?: Parameters;
    } & RunCause)
  | { kind: "upstreamsLookedUp"; digests: UpstreamDigest[]; newRunId: string }
  /** What a look at the registries found of each image. */
  | { kind: "freshnessLookedAt"; images: LookedAt[]; newRunId: string }
  /**
   * What a run's candidates are, and what the tags point to that are moved to them. `since` is the phase that asked: a
   * redeploy or a retry may have begun another one meanwhile.
   */
  | { kind: "tagsRead"; runId: string; since: number; tags: ReadTag[]; random: number }
  /** Tags were moved to candidates, or back. */
  | { kind: "tagsMoved"; runId: string; since: number; isBack: boolean; results: MovedTag[]; random: number }
  /** The process that was moving tags is gone: nobody else is at it. */
  | { kind: "promotionInterrupted"; runId: string }
  /** A person lets a gate pass. */
  | { kind: "gateApproved"; runId: string; step: string }
  /** A tag is about to point to an earlier image again. */
  | { kind: "rollbackNoted"; step: string; image: string; digest: string }
  /** The schedule of another pipeline is due, which waits for the active run of this one. */
  | { kind: "startPostponed"; pipeline: string; scheduledFor: number; seen?: Seen }
  | { kind: "retryRequested"; runId: string }
  | { kind: "cancelled"; runId: string }
  /** `receivedAt` is when the webhook arrived, if something had to be looked up since. */
  | ({ kind: "imagePushed"; receivedAt?: number } & ReportedPush)
  /** The registry's answer to `confirmPush`. */
  | ({ kind: "pushLookedUp"; answer: TagAnswer; receivedAt: number; random: number } & ReportedPush &
      Verified)
  | ({ kind: "triggerAccepted"; build: BuildReference | null } & OfAttempt)
  | ({ kind: "triggerFailed"; failure: TriggerFailure; random: number } & OfAttempt)
  /** The registry's answer to `lookUpTag`. */
  | ({ kind: "tagLookedUp"; answer: TagAnswer; random: number } & OfAttempt & Verified)
  /** What the registries show of the image of a step that is built only if it is stale. */
  | ({ kind: "stepLookedAt"; evidence: Evidence } & OfAttempt)
  /** The builder reported success or failure. */
  | ({ kind: "buildEnded"; end: BuildEnd; random: number } & OfAttempt & Verified)
  | ({ kind: "slotAcquired"; requestedAt: number } & SlotRequest)
  | ({ kind: "slotRefused"; reason: string; random: number } & SlotRequest)
  /** The builder's answer to the last `lookUpBuild`, if the build has not ended as far as it says. */
  | ({ kind: "buildNotEnded"; answer: Exclude<BuildAnswer, { kind: "ended" }>; random: number } & OfAttempt)
  /** Another build released its slot, and this step is next. */
  | ({ kind: "slotAvailable" } & SlotRequest)
  | { kind: "outboxEntryDone"; entry: OutboxEntry }
  | { kind: "tick" };

type OfAttempt = { runId: string; step: string; attempt: number };

/** What the registries show of the image, once they were asked. */
type Verified = { evidence?: Evidence };
/** The events by which a step may be done. */
export type VerifiedEvent = EventOf<"pushLookedUp" | "tagLookedUp" | "buildEnded">;

/** `since` distinguishes the request from earlier ones, made before the run was retried. */
export type SlotRequest = { runId: string; step: string; account: string; since: number };

export type EventOf<K extends Event["kind"]> = Extract<Event, { kind: K }>;

export type Action =
  /** `repeats` is an earlier attempt whose outcome is not known. */
  | ({ kind: "triggerStep"; bases: PinnedBase[]; repeats?: number } & OfAttempt & ImageVariant)
  /** Looks up what the steps' tags point to before they are triggered, and adds that to the event. */
  | ({ kind: "lookUpDigests"; runId: string; steps: string[]; event: Event } & ImageVariant)
  /** Checks whether the tag was pushed, in case its webhook was lost. */
  | ({ kind: "lookUpTag" } & OfAttempt & ImageVariant)
  /** Asks the builder how the build ended, in case its report was lost. With `isLast`, the step fails if it has not. */
  | ({ kind: "lookUpBuild"; build: BuildReference; isLast: boolean } & OfAttempt)
  /** Checks whether a webhook is true. */
  | { kind: "confirmPush"; push: ReportedPush; receivedAt: number }
  /** Reads what the image was pushed as and whether it stands on its bases, and adds that to the event. */
  | {
      kind: "gatherEvidence";
      image: Image;
      digest: string | null;
      bases: ExpectedBase[];
      event: VerifiedEvent;
    }
  /** Looks at the image of a step that is built only if it is stale. */
  | ({ kind: "lookAtStep"; image: Image; bases: ExpectedBase[] } & OfAttempt)
  /** Looks at the registries, whether the images of the pipeline are fresh. */
  | { kind: "lookForStale"; images: StepToCheck[] }
  /** Reads what the candidates of the steps are, and what their tags point to now. */
  | ({
      kind: "readTags";
      runId: string;
      since: number;
      tags: { step: string; image: string; digest: string | null }[];
    } & ImageVariant)
  | {
      kind: "moveTags";
      runId: string;
      since: number;
      isBack: boolean;
      moves: { step: string; image: string; digest: string }[];
    }
  | { kind: "deliverOutboxEntry"; entry: OutboxEntry }
  | { kind: "acquireSlot"; runId: string; step: string; account: Account; since: number }
  | ({ kind: "releaseSlot" } & SlotRequest)
  /** Stops a build that its run no longer waits for. */
  | ({ kind: "stopBuild"; build: BuildReference | null } & OfAttempt)
  | { kind: "startQueuedRun" };

/** What tells the images of a run: see candidates.ts. */
export type ImageVariant = { isCandidate?: true; parameters?: Parameters };

export type ActionOf<K extends Action["kind"]> = Extract<Action, { kind: K }>;

export type Outcome =
  | { kind: "advanced" }
  | { kind: "duplicate"; reason: string }
  | { kind: "ignored"; reason: string }
  /** The request cannot be met now. */
  | { kind: "refused"; reason: string };

export type Decision = {
  state: PipelineState;
  /** Null if it depends on the results of the actions. */
  outcome: Outcome | null;
  actions: Action[];
  /** The ended run that a new one replaces; it moves to the history. */
  replacedRun: EndedRun | null;
};
