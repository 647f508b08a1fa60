// Finds the builds that a request to the simulated builders starts: those of the steps whose triggers send such a request.
import { simulateTrigger } from "../../../shared/builders/builders.ts";
import { imageName } from "../../../shared/image/image.ts";
import type { PinnedBase, SimulatedRequest, Simulation } from "../../../shared/kinds/builder.ts";
import { imageSteps, type Pipeline, type Step } from "../../../shared/pipeline/pipeline.ts";

export type RequestedBuild = { image: string; simulation: Simulation };

/** Simulated builders accept any secret, and get this one. */
export const standInSecret = "stand-in";

/** In place of the run and the attempt, which may appear anywhere in a request and do not matter. */
const anything = "0anything0";
const anyAttempt = Number("9".repeat(15));

export function requestedBuilds(
  pipelines: readonly Pipeline[],
  received: SimulatedRequest,
): RequestedBuild[] {
  return pipelines.flatMap((pipeline) =>
    imageSteps(pipeline).flatMap((step) => {
      const build = {
        image: step.image,
        pipeline: pipeline.name,
        step: step.name,
        runId: anything,
        attempt: anyAttempt,
        timeoutMs: step.timeoutMs,
        bases: basesOf(pipeline, step),
      };
      const simulation = simulateTrigger(step.trigger, build, standInSecret);
      if (simulation === null || !isSameRequest(simulation.request, received)) return [];
      return [{ image: imageName(step.image), simulation }];
    }),
  );
}

/** Whatever they were pushed as. */
function basesOf(pipeline: Pipeline, { after }: Step): PinnedBase[] {
  return imageSteps(pipeline).map(({ name, image }) => ({
    step: name,
    image: imageName(image),
    digest: anything,
    pinned: anything,
    isDirect: after.includes(name),
  }));
}

function isSameRequest(expected: SimulatedRequest, { method, path, body }: SimulatedRequest): boolean {
  return method === expected.method && matches(expected.path, path) && matches(expected.body, body);
}

function matches(expected: string, text: string): boolean {
  const parts = expected
    .replaceAll(String(anyAttempt), anything)
    .split(anything)
    .map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(text);
}
