// Decides what an event changes in a pipeline's state, and which actions follow. Pure and total; nothing else changes a run.
import type { Pipeline } from "../pipeline/pipeline.ts";
import { appendLog } from "./append-log.ts";
import { advancedOutcome } from "./decision.ts";
import { withDigestsBefore } from "./digests-before.ts";
import type { Decision, Event } from "./event.ts";
import { noticeApprovals, noticeStall } from "./notices.ts";
import { onBuildEnded, onBuildNotEnded } from "./on-build-end.ts";
import { onFreshnessLookedAt, planLook } from "./on-freshness.ts";
import { onGateApproved } from "./on-gate-approved.ts";
import { onPromotionInterrupted, onTagsMoved, onTagsRead } from "./on-promotion.ts";
import { onImagePushed, onPushLookedUp } from "./on-push.ts";
import { onRollbackNoted } from "./on-rollback-noted.ts";
import { onSlotEvent } from "./on-slot.ts";
import { cancelRun, retryRun, startRun } from "./on-start.ts";
import { onStartPostponed } from "./on-start-postponed.ts";
import { onStepLookedAt } from "./on-step-looked-at.ts";
import { onTagLookedUp } from "./on-tag.ts";
import { onTick } from "./on-tick.ts";
import { onTriggerAccepted, onTriggerFailed } from "./on-trigger.ts";
import { onUpstreamsLookedUp } from "./on-upstreams.ts";
import { removeFromOutbox } from "./outbox.ts";
import { releaseStepResources } from "./release-step-resources.ts";
import { pipelineOfRun } from "./run-parameters.ts";
import type { PipelineState } from "./state.ts";

export function decide(configured: Pipeline, state: PipelineState, event: Event, now: number): Decision {
  const decided = change(pipelineOfRun(configured, state.run), state, event, now);
  // The event may have begun a run with other parameters.
  const pipeline = pipelineOfRun(configured, decided.state.run);
  const changed = withDigestsBefore(pipeline, state, event, decided, now);
  // A registry has to answer first, and the event is then decided on again.
  if (changed.outcome === null) return changed;
  const withStall = event.kind === "tick" ? noticeStall(pipeline, changed, now) : changed;
  const withApprovals = noticeApprovals(pipeline, state, withStall, now);
  const withNextLook = planLook(pipeline, state, withApprovals, now);
  return appendLog(state, releaseStepResources(pipeline, state, withNextLook), now);
}

function change(pipeline: Pipeline, state: PipelineState, event: Event, now: number): Decision {
  switch (event.kind) {
    case "runRequested":
      return startRun(pipeline, state, event, now);
    case "tagsRead":
      return onTagsRead(pipeline, state, event, now);
    case "tagsMoved":
      return onTagsMoved(pipeline, state, event, now);
    case "promotionInterrupted":
      return onPromotionInterrupted(state, event, now);
    case "gateApproved":
      return onGateApproved(pipeline, state, event, now);
    case "rollbackNoted":
      return onRollbackNoted(pipeline, state, event, now);
    case "startPostponed":
      return onStartPostponed(state, event);
    case "retryRequested":
      return retryRun(pipeline, state, event, now);
    case "cancelled":
      return cancelRun(pipeline, state, event, now);
    case "imagePushed":
      return onImagePushed(pipeline, state, event, now);
    case "pushLookedUp":
      return onPushLookedUp(pipeline, state, event, now);
    case "triggerAccepted":
      return onTriggerAccepted(pipeline, state, event, now);
    case "triggerFailed":
      return onTriggerFailed(pipeline, state, event, now);
    case "tagLookedUp":
      return onTagLookedUp(pipeline, state, event, now);
    case "upstreamsLookedUp":
      return onUpstreamsLookedUp(pipeline, state, event, now);
    case "freshnessLookedAt":
      return onFreshnessLookedAt(pipeline, state, event, now);
    case "buildEnded":
      return onBuildEnded(pipeline, state, event, now);
    case "buildNotEnded":
      return onBuildNotEnded(pipeline, state, event, now);
    case "stepLookedAt":
      return onStepLookedAt(pipeline, state, event, now);
    case "slotAcquired":
    case "slotRefused":
    case "slotAvailable":
      return onSlotEvent(pipeline, state, event, now);
    case "outboxEntryDone":
      return {
        state: removeFromOutbox(state, event),
        outcome: advancedOutcome,
        actions: [],
        replacedRun: null,
      };
    case "tick":
      return onTick(pipeline, state, now);
  }
}
