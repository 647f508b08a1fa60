// Points the tags that a run pushed back to what they pointed to before.
import { type Image, imageName, splitImageName } from "../image/image.ts";
import { findStep, hasImage, type ImageStep, type Pipeline } from "../pipeline/pipeline.ts";
import { pipelineOfRun } from "../run/run-parameters.ts";
import type { Run, StepRun } from "../run/state.ts";
import { apply } from "./apply.ts";
import type { Relay } from "./relay.ts";

export type RolledBackStep = { step: string; image: string } & (
  | { outcome: "movedBack"; digest: string }
  /** It needs no change, or must not be changed. */
  | { outcome: "unchanged"; reason: string }
  | { outcome: "failed"; reason: string }
);

export type RolledBack =
  | { kind: "rolledBack"; steps: RolledBackStep[] }
  | { kind: "refused"; reason: string };

/** Null if there is no such run, or its pipeline is gone. May be repeated: what was moved back stays so. */
export async function rollBack(relay: Relay, runId: string): Promise<RolledBack | null> {
  const run = await relay.store.findRun(runId);
  const configured = run === null ? undefined : relay.pipelines.get(run.pipeline);
  if (run === null || configured === undefined) return null;
  const pipeline = pipelineOfRun(configured, run);
  const { state } = await relay.store.load(pipeline.name);
  if (state.run?.status === "running") {
    return {
      kind: "refused",
      reason: `run ${state.run.id} is active; cancel it, or wait until it has ended`,
    };
  }
  const steps: RolledBackStep[] = [];
  // Images go before their bases, so that no new image stands beside an old base for longer than needed.
  for (const stepRun of run.steps.toReversed()) {
    const step = findStep(pipeline, stepRun.name);
    if (stepRun.state !== "done" || step === undefined || !hasImage(step)) continue;
    if (imageName(step.image) !== stepRun.image) continue;
    for (const image of [...furtherTagsOf(run, stepRun), step.image]) {
      const result = await moveBack(relay, pipeline, { ...step, image }, tagChangeOf(run, stepRun, image));
      relay.log(result.outcome === "failed" ? "warn" : "info", {
        event: events[result.outcome],
        pipeline: pipeline.name,
        run: run.id,
        ...result,
      });
      steps.push(result);
    }
  }
  return { kind: "rolledBack", steps: steps.toReversed() };
}

const events = {
  movedBack: "tag.rolledBack",
  unchanged: "tag.rollbackSkipped",
  failed: "tag.rollbackFailed",
} as const;

/** The further tags that the run moved. Those that a build pushed itself are not known. */
function furtherTagsOf({ promotion }: Run, { name, image }: StepRun): Image[] {
  const moves = promotion !== null && "moves" in promotion ? promotion.moves : [];
  return moves
    .filter((move) => move.step === name && move.image !== image)
    .map((move) => splitImageName(move.image));
}

/** What the tag pointed to before the run, and what the run made it point to; null if that is not known. */
type TagChange = { before: string | null; after: string | null };

/** Null if the run did not move the tag. */
function tagChangeOf(
  { promotion }: Run,
  { name, digestBefore, replaced = digestBefore ?? "unknown", pushed }: StepRun,
  image: Image,
): TagChange | null {
  if (promotion === null)
    return { before: replaced === "unknown" ? null : replaced, after: pushed?.digest ?? null };
  const moves = "moves" in promotion ? promotion.moves : [];
  const move = moves.find((one) => one.step === name && one.image === imageName(image));
  return move === undefined ? null : { before: move.replaced, after: move.digest };
}

async function moveBack(
  relay: Relay,
  pipeline: Pipeline,
  { name, image }: ImageStep,
  change: TagChange | null,
): Promise<RolledBackStep> {
  const about = { step: name, image: imageName(image) };
  const unchanged = (reason: string) => ({ ...about, outcome: "unchanged", reason }) as const;
  const failed = (reason: string) => ({ ...about, outcome: "failed", reason }) as const;
  if (change === null) return unchanged("the run did not move the tag");
  const { before, after } = change;
  if (before === "absent") return unchanged("the run pushed the tag for the first time");
  if (before === null || after === null) return failed("what the tag pointed to before the run is not known");
  if (before === after) return unchanged("the run pushed the same image again");
  const answer = await relay.lookUpTag(image);
  const current = "digest" in answer ? (answer.digest ?? null) : null;
  if (current === null)
    return failed("reason" in answer ? answer.reason : "the registry does not report the tag's digest");
  if (current === before) return unchanged("the tag points to its earlier image already");
  if (current !== after) return unchanged("the tag was pushed again since the run");
  // Noted first: the registry's webhook may come before the answer.
  const { outcome } = await apply(relay, pipeline, { kind: "rollbackNoted", ...about, digest: before });
  if (outcome.kind !== "advanced") return failed(outcome.reason);
  const moved = await relay.moveTag(image, before);
  if (moved.kind === "moved") return { ...about, outcome: "movedBack", digest: before };
  await apply(relay, pipeline, { kind: "rollbackNoted", ...about, digest: after });
  return failed(moved.reason);
}
