// What starts runs in a simulated world beside people and schedules: pushes to sources, and new images from elsewhere.
import type { Applied } from "../../shared/relay/apply.ts";
import { newRunId } from "../../shared/relay/relay.ts";
import type { Instance } from "./instance.ts";
import type { Stage } from "./people.ts";
import { elsewhere } from "./pipelines.ts";

export type SourceStage = Stage & { check: (claim: () => void) => void };

const minute = 60_000;
const hour = 60 * minute;

export function changeSources(stage: SourceStage, untilMs: number): void {
  const { timeline, random, faults, deployment } = stage;
  const versions = new Map<string, number>(elsewhere.map((image) => [image, 1]));

  const lookUpstreams = (name: string) => {
    const upstreams = deployment.pipelines().find((pipeline) => pipeline.name === name)?.steps ?? [];
    const images = new Set(upstreams.flatMap((step) => step.upstreams));
    // Not each is answered each time.
    const digests = [...images]
      .filter(() => random.chance(0.8))
      .map((image) => ({ image, digest: `sha256:${versions.get(image)}` }));
    if (digests.length === 0) return;
    deployment.apply(name, (instance) => ({
      kind: "upstreamsLookedUp",
      digests,
      newRunId: runIdOf(instance, name),
    }));
  };

  const act = () => {
    for (const image of elsewhere) {
      if (faults.happens("upstream changes")) versions.set(image, (versions.get(image) ?? 0) + 1);
    }
    for (const name of deployment.names()) {
      if (faults.happens("source is pushed")) {
        timeline.after(random.between(0, hour / 2), () => pushSource(stage, name));
      }
      timeline.after(random.between(0, hour / 2), () => lookUpstreams(name));
    }
    if (timeline.now() + hour < untilMs) timeline.after(hour / 2, act);
  };
  timeline.after(minute, act);
}

/** It is told until it is answered, and perhaps once more. */
function pushSource(stage: SourceStage, name: string): void {
  const { timeline, random, faults, deployment, invariants, check } = stage;
  const commit = `commit-${Math.floor(random.next() * 1e9)}`;
  const isOfAll = random.chance(0.2);
  const every = random.pick([2, 3]);
  const first = random.integer(0, 2);
  let isAnswered = false;
  const onDone = ({ outcome }: Applied) => {
    isAnswered = true;
    if (outcome.kind !== "ignored") check(() => invariants.onAnswered(name, commit));
  };
  const deliver = () =>
    deployment.apply(
      name,
      (instance) => {
        const steps = instance.relay.pipelines.get(name)?.steps ?? [];
        const some = steps.filter((_step, index) => (index + first) % every === 0).map((step) => step.name);
        const from = isOfAll || some.length === 0 ? null : some;
        invariants.onSource(instance, commit, from);
        const news = { of: "source acme/images", is: commit };
        const newRun = runIdOf(instance, name);
        return { kind: "runRequested", newRunId: newRun, cause: "source", from, scheduledFor: null, news };
      },
      onDone,
    );
  const deliverUntilAnswered = (attempt: number) => {
    if (isAnswered || attempt > 20) return;
    deliver();
    timeline.after(minute, () => deliverUntilAnswered(attempt + 1));
  };
  deliverUntilAnswered(1);
  if (faults.happens("push of the source is told twice")) timeline.after(random.between(0, hour), deliver);
}

function runIdOf({ relay }: Instance, name: string): string {
  const pipeline = relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected a pipeline ${name}`);
  return newRunId(relay, pipeline);
}
