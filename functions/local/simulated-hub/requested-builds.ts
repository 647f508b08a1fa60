// Finds the builds that a request to the simulated builders starts: those of the steps whose triggers send such a request.
import { simulateTrigger } from "../../../shared/builders/builders.ts";
import { type Image, imageName } from "../../../shared/image/image.ts";
import { fillInTag, hasUnfilledParameter, type Parameters } from "../../../shared/image/tag-parameters.ts";
import type { PinnedBase, SimulatedRequest, Simulation } from "../../../shared/kinds/builder.ts";
import { findStep, imageSteps, type Pipeline, type Step } from "../../../shared/pipeline/pipeline.ts";
import { withParameters } from "../../../shared/pipeline/with-parameters.ts";

export type RequestedBuild = { image: string; simulation: Simulation };

/** Simulated builders accept any secret, and get this one. */
export const standInSecret = "stand-in";

/** In place of the run and the attempt, which may appear anywhere in a request and do not matter. */
const anything = "0anything0";
const anyAttempt = Number("9".repeat(15));

type Expected = {
  method: string;
  path: RegExp;
  body: RegExp;
  /** The image, perhaps with parameters, which the request tells. */
  image: Image;
  simulation: Simulation;
};

/** The requests of all steps are worked out once, at the first trigger: for a family of a thousand, that takes a while. */
export function createRequestedBuilds(
  pipelines: readonly Pipeline[],
): (received: SimulatedRequest) => RequestedBuild[] {
  let all: Expected[] | null = null;
  return (received) => {
    all ??= pipelines.flatMap(expectedOf);
    return all.flatMap((expected) => {
      const values = valuesIn(expected, received);
      const image = values === null ? null : fillInTag(expected.image, values);
      return image === null || hasUnfilledParameter(image)
        ? []
        : [{ image: imageName(image), simulation: expected.simulation }];
    });
  };
}

function expectedOf(pipeline: Pipeline): Expected[] {
  const parameters = Object.fromEntries(
    Object.keys(pipeline.parameters).map((name) => [name, someValue(name)]),
  );
  return imageSteps(withParameters(pipeline, parameters)).flatMap((step) => {
    const build = {
      image: step.image,
      tags: step.tags,
      parameters,
      pipeline: pipeline.name,
      step: step.name,
      runId: anything,
      attempt: anyAttempt,
      timeoutMs: step.timeoutMs,
      bases: basesOf(pipeline, step),
    };
    const simulation = simulateTrigger(step.trigger, build, standInSecret);
    if (simulation === null) return [];
    const { method, path, body } = simulation.request;
    const image = findStep(pipeline, step.name)?.image ?? step.image;
    return [{ method, path: patternOf(path), body: patternOf(body), image, simulation }];
  });
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

/** In place of a parameter's value, which the request tells. */
function someValue(name: string): string {
  return `0parameter0${name}0end0`;
}

/** The parameters that the request contains; null if it is another one. */
function valuesIn(expected: Expected, { method, path, body }: SimulatedRequest): Parameters | null {
  if (method !== expected.method) return null;
  const inPath = expected.path.exec(path);
  const inBody = inPath === null ? null : expected.body.exec(body);
  return inPath === null || inBody === null ? null : { ...inPath.groups, ...inBody.groups };
}

function patternOf(expected: string): RegExp {
  const parts = expected
    .replaceAll(String(anyAttempt), anything)
    .split(anything)
    .map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  const seen = new Set<string>();
  const pattern = parts.join("[^]*").replace(/0parameter0(\w+?)0end0/g, (_, name: string) => {
    const group = seen.has(name) ? `\\k<${name}>` : `(?<${name}>[\\w.+@-]+)`;
    seen.add(name);
    return group;
  });
  return new RegExp(`^${pattern}$`);
}
