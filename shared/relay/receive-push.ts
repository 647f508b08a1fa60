// A registry's webhook reports a push: an event for each pipeline that has the image as a step.
import { imageName } from "../image/image.ts";
import type { PushWebhook } from "../registries/dockerhub/push-webhook.ts";
import type { Outcome } from "../run/event.ts";
import { apply } from "./apply.ts";
import { logOutcome } from "./log-outcome.ts";
import { newRunId, type Relay, stepsOfImage } from "./relay.ts";
import { settleAll } from "./settle-all.ts";

export type Push = Extract<PushWebhook, { kind: "push" }>;
export type PushResult = { pipeline: string; step: string; run: string | null; outcome: Outcome };

export const unknownImage = "no pipeline has this image as a step";

export async function receivePush(relay: Relay, { image, pushedAt }: Push): Promise<PushResult[]> {
  const steps = stepsOfImage(relay, image);
  const about = { event: "webhook", image: imageName(image) };
  if (steps.length === 0) logOutcome(relay, about, { kind: "ignored", reason: unknownImage });
  return settleAll(steps, async ({ pipeline, step }) => {
    const { outcome, state } = await apply(relay, pipeline, {
      kind: "imagePushed",
      step,
      pushedAt,
      newRunId: newRunId(relay, pipeline),
    });
    const run = state.run?.id ?? null;
    logOutcome(relay, { ...about, pipeline: pipeline.name, run, step }, outcome);
    return { pipeline: pipeline.name, step, run, outcome };
  });
}
