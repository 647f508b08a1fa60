// Schedules, and what people do in a simulated world: starts, retries, pushes by hand, redeploys, forged webhooks.
import { imageName } from "../../shared/image/image.ts";
import { imageSteps } from "../../shared/pipeline/pipeline.ts";
import type { Run } from "../../shared/run/state.ts";
import type { Random } from "../random.ts";
import type { Builders } from "./builders.ts";
import type { Deployment } from "./deployment.ts";
import type { Faults } from "./faults.ts";
import type { SimulatedHub } from "./hub.ts";
import type { Invariants } from "./invariants/invariants.ts";
import type { SimulatedRegistry } from "./registry.ts";
import type { Timeline } from "./timeline.ts";

export type Stage = {
  timeline: Timeline;
  random: Random;
  faults: Faults;
  hub: SimulatedHub;
  registry: SimulatedRegistry;
  push: (image: string, why: string) => void;
  builders: Builders;
  deployment: Deployment;
  invariants: Invariants;
  /** If webhooks cannot be confirmed, none are forged: the relay could not detect it. */
  isBelieved: (image: string) => boolean;
};

const minute = 60_000;
const hour = 60 * minute;

/** Fires each pipeline's schedule as EventBridge does: at least once, and sometimes late. */
export function keepSchedules({ timeline, random, faults, deployment }: Stage, untilMs: number): void {
  for (const { name } of deployment.pipelines()) {
    const everyMs = random.pick([1, 3, 24]) * hour;
    const fireRepeatedly = (scheduledFor: number) => {
      const fire = () => deployment.fire(name, scheduledFor);
      timeline.after(faults.happens("schedule fires late") ? random.between(0, 20 * minute) : 0, fire);
      if (faults.happens("schedule fires twice")) timeline.after(random.between(0, minute), fire);
      if (scheduledFor + everyMs < untilMs)
        timeline.after(everyMs, () => fireRepeatedly(scheduledFor + everyMs));
    };
    timeline.after(minute, () => fireRepeatedly(timeline.now()));
  }
}

/** Random actions of people and failures of their machines, every half hour. */
export function letPeopleAct(stage: Stage, untilMs: number): void {
  const { timeline, random, faults, hub, registry, push, builders, deployment, invariants, isBelieved } =
    stage;
  const soon = (happen: () => void) => timeline.after(random.between(0, hour / 2), happen);
  const anyImage = () => {
    const images = deployment
      .pipelines()
      .flatMap(imageSteps)
      .map(({ image }) => imageName(image));
    return images[random.integer(0, images.length - 1)];
  };

  if (faults.happens("tag is pushed by hand")) {
    soon(() => {
      const image = anyImage();
      if (image !== undefined) push(image, "by hand");
    });
  }
  const forge = () => {
    const image = anyImage();
    if (image === undefined || isBelieved(image)) return;
    if (registry.has(image)) registry.forgeWebhook(image);
    else hub.sendWebhook(image, timeline.now(), 0);
  };
  if (faults.happens("webhook is forged")) soon(forge);
  if (faults.happens("webhook names an unknown tag"))
    hub.sendWebhook("acme/alpha:unknown", timeline.now(), 0);
  if (faults.happens("redeploy")) soon(deployment.redeploy);
  if (faults.happens("machine breaks down")) soon(builders.breakDown);
  for (const { name } of deployment.pipelines()) {
    if (faults.happens("run is started by hand")) soon(() => deployment.start(name));
    const runId = invariants.stateOf(name)?.run?.id;
    if (runId === undefined) continue;
    if (faults.happens("run is cancelled"))
      soon(() => deployment.apply(name, () => ({ kind: "cancelled", runId })));
    if (faults.happens("run is retried")) {
      invariants.onRetry(runId);
      soon(() => deployment.apply(name, () => ({ kind: "retryRequested", runId })));
    }
  }
  if (timeline.now() + hour < untilMs) timeline.after(hour / 2, () => letPeopleAct(stage, untilMs));
}

/** Somebody approves each gate that waits, after a while, and again if that was lost. */
export function approveGates({ timeline, random, deployment }: Stage, { run }: { run: Run | null }): void {
  const soon = random.split(`approvals ${timeline.now()}`);
  for (const { name, image, state } of run?.status === "running" ? run.steps : []) {
    if (image != null || state !== "building" || run === null) continue;
    const { id, pipeline } = run;
    timeline.after(soon.between(minute, hour), () =>
      deployment.apply(pipeline, () => ({ kind: "gateApproved", runId: id, step: name })),
    );
  }
}
