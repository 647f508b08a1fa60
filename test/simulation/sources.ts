// Starts runs in a simulated world by pushes to source repositories and new upstream images.
import type { Applied } from "../../shared/relay/apply.ts";
import { newRunId } from "../../shared/relay/relay.ts";
import type { Instance } from "./instance.ts";
import type { Stage } from "./people.ts";
import { upstreams } from "./random-pipelines.ts";

/** The builds of an upstream image for its platforms. */
type Version = { amd64: number; arm64: number };

export type SourceStage = Stage & { check: (claim: () => void) => void };

const minute = 60_000;
const hour = 60 * minute;

export function changeSources(stage: SourceStage, untilMs: number): void {
  const { timeline, random, faults, deployment, invariants } = stage;
  const versions = new Map<string, Version>(upstreams.map((image) => [image, { amd64: 1, arm64: 1 }]));
  const own = random.split("platforms");
  /** The image of several platforms; the other has one. */
  const [indexed] = upstreams;

  const lookUpstreams = (name: string) => {
    const steps = deployment.pipelines().find((pipeline) => pipeline.name === name)?.steps ?? [];
    const images = new Set(steps.flatMap((step) => step.upstreams));
    // Some look-ups get no answer.
    const digests = [...images]
      .filter(() => random.chance(0.8))
      .map((image) => lookedUp(image, versions.get(image) ?? { amd64: 1, arm64: 1 }, image === indexed));
    if (digests.length === 0) return;
    const wanted = deployment.pipelines().find((pipeline) => pipeline.name === name)?.upstreamPlatforms;
    for (const { image, digest, platforms } of digests) {
      const counting = platforms?.filter(
        ({ platform }) => wanted?.some((one) => platform.startsWith(one)) ?? true,
      );
      const version = counting?.map((platform) => platform.digest).join(" ") ?? digest;
      invariants.onUpstream(name, image, version);
    }
    deployment.apply(name, (instance) => ({
      kind: "upstreamsLookedUp",
      digests,
      newRunId: runIdOf(instance, name),
    }));
  };

  /** An index has another digest at each look-up, as if it had been built again. */
  const lookedUp = (image: string, { amd64, arm64 }: Version, isIndex: boolean) => {
    if (!isIndex) return { image, digest: `sha256:${amd64}.${arm64}`, platforms: null };
    const platforms = [
      { platform: "linux/amd64", digest: `sha256:amd64.${amd64}` },
      { platform: "linux/arm64/v8", digest: `sha256:arm64.${arm64}` },
    ];
    return { image, digest: `sha256:index.${own.next()}`, platforms };
  };
  const change = (image: string) => {
    const { amd64, arm64 } = versions.get(image) ?? { amd64: 1, arm64: 1 };
    const changed = own.pick(["both", "amd64", "arm64"]);
    versions.set(image, {
      amd64: amd64 + Number(changed !== "arm64"),
      arm64: arm64 + Number(changed !== "amd64"),
    });
  };

  const act = () => {
    for (const image of upstreams) {
      if (faults.happens("upstream changes")) change(image);
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

/** Delivers the push until it is answered, and perhaps once more. */
function pushSource(stage: SourceStage, name: string): void {
  const { timeline, random, faults, deployment, invariants, check } = stage;
  const commit = `commit-${Math.floor(random.next() * 1e9)}`;
  const startsAll = random.chance(0.2);
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
        const from = startsAll || some.length === 0 ? null : some;
        invariants.onSource(instance, commit, from);
        const seen = { name: "source acme/images", value: commit };
        return { kind: "runRequested", newRunId: runIdOf(instance, name), cause: "source", from, seen };
      },
      onDone,
    );
  const deliverUntilAnswered = (attempt: number) => {
    if (isAnswered || attempt > 20) return;
    deliver();
    timeline.after(minute, () => deliverUntilAnswered(attempt + 1));
  };
  deliverUntilAnswered(1);
  if (faults.happens("source push is delivered twice")) timeline.after(random.between(0, hour), deliver);
}

function runIdOf({ relay }: Instance, name: string): string {
  const pipeline = relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected a pipeline ${name}`);
  return newRunId(relay, pipeline);
}
