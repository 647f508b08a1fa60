// A registry's webhook reports pushes: an event for each pipeline that has the image as a step.

import { readCandidate } from "../image/candidate.ts";
import { type Image, imageName } from "../image/image.ts";
import type { ReportedTag } from "../kinds/registry.ts";
import type { Outcome } from "../run/event.ts";
import { runIdWithEnd } from "../run/run-id.ts";
import { apply } from "./apply.ts";
import { logOutcome } from "./log-outcome.ts";
import { newRunId, type Relay, type StepOfPush, stepsOfImage } from "./relay.ts";
import { settleAll } from "./settle-all.ts";

export type PushResult = { pipeline: string; step: string; run: string | null; outcome: Outcome };

export const unknownImage = "no pipeline has this image as a step";

type PushedStep = StepOfPush & { push: ReportedTag; candidateOf?: string };

/** A pipeline gets its pushes one after the other, in the order of the batch. Throws only after all of them were tried. */
export async function receivePushes(relay: Relay, pushes: readonly ReportedTag[]): Promise<PushResult[]> {
  const pushed = pushes.flatMap((push) => stepsOfPush(relay, push));
  const byPipeline = Map.groupBy(pushed, ({ pipeline }) => pipeline.name);
  const results = await settleAll([...byPipeline.values()], (ofPipeline) =>
    settleInOrder(ofPipeline, (one) => applyPush(relay, one)),
  );
  return results.flat();
}

/** True if a step has the image. */
export function isExpected(relay: Relay, { image }: ReportedTag): boolean {
  return stepsOfImage(relay, image).length > 0 || stepsOfCandidate(relay, image).length > 0;
}

function stepsOfPush(relay: Relay, push: ReportedTag): PushedStep[] {
  const steps = [...stepsOfImage(relay, push.image), ...stepsOfCandidate(relay, push.image)];
  if (steps.length === 0) logOutcome(relay, about(push), { kind: "ignored", reason: unknownImage });
  return steps.map((step) => ({ push, ...step }));
}

/** A run with `promote: together` builds candidates of its images. */
function stepsOfCandidate(relay: Relay, image: Image): Omit<PushedStep, "push">[] {
  const candidate = readCandidate(image);
  if (candidate === null) return [];
  return stepsOfImage(relay, candidate.image).map((step) => ({
    ...step,
    candidateOf: runIdWithEnd(step.pipeline.name, candidate.end),
  }));
}

async function applyPush(
  relay: Relay,
  { push, pipeline, step, image, candidateOf }: PushedStep,
): Promise<PushResult> {
  const { outcome, state } = await apply(relay, pipeline, {
    kind: "imagePushed",
    step,
    ...(candidateOf === undefined ? {} : { candidateOf }),
    ...(image === undefined ? {} : { image }),
    digest: push.digest,
    pushedAt: push.pushedAt,
    newRunId: newRunId(relay, pipeline),
  });
  const run = state.run?.id ?? null;
  logOutcome(relay, { ...about(push), pipeline: pipeline.name, run, step }, outcome);
  return { pipeline: pipeline.name, step, run, outcome };
}

function about({ image }: ReportedTag) {
  return { event: "webhook", image: imageName(image) };
}

/** Like settleAll, but one after the other. */
function settleInOrder<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  let before: Promise<unknown> = Promise.resolve();
  return settleAll(items, (item) => {
    const next = before.then(() => work(item));
    before = next.catch(() => undefined);
    return next;
  });
}
