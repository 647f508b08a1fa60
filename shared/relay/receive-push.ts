// What a push of an image does: it is an event for each pipeline that has the image as a step.
import type { Outcome } from "../core/event.ts";
import { imageName } from "../core/image.ts";
import type { PushWebhook } from "../docker-hub/push-webhook.ts";
import { apply } from "./apply.ts";
import { newRunId, type Relay, stepsOfImage } from "./relay.ts";
import { settleAll } from "./settle-all.ts";

export type Push = Extract<PushWebhook, { kind: "push" }>;
export type PushResult = {
  pipeline: string;
  step: string;
  run: string | null;
  outcome: Outcome;
};

export async function receivePush(relay: Relay, { image, pushedAt }: Push): Promise<PushResult[]> {
  const steps = stepsOfImage(relay, image);
  if (steps.length === 0) {
    relay.log("info", {
      event: "webhook",
      image: imageName(image),
      outcome: "ignored",
      reason: unknownImage,
    });
  }
  return settleAll(steps, async ({ pipeline, step }) => {
    const event = {
      kind: "imagePushed",
      step,
      pushedAt,
      newRunId: newRunId(relay, pipeline),
      confirmation: null,
    } as const;
    const { outcome, state } = await apply(relay, pipeline, event);
    const run = state.run?.id ?? null;
    relay.log("info", {
      event: "webhook",
      pipeline: pipeline.name,
      run,
      step,
      image: imageName(image),
      outcome: outcome.kind,
      ...("reason" in outcome ? { reason: outcome.reason } : {}),
    });
    return { pipeline: pipeline.name, step, run, outcome };
  });
}

export const unknownImage = "no pipeline has this image as a step";
