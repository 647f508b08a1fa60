// The parameters of a run: what it was given, the defaults of the rest, and the date. They are settled when it begins, and kept
// with it. Outside of a run, a pipeline's images are those of its last run.

import { maxTagWithCandidate } from "../image/candidate.ts";
import { type Image, imageName, isTag } from "../image/image.ts";
import { hasUnfilledParameter, type Parameters } from "../image/tag-parameters.ts";
import type { Pipeline, Step } from "../pipeline/pipeline.ts";
import { defaultsOf, withParameters } from "../pipeline/with-parameters.ts";
import { didYouMean } from "../validation/did-you-mean.ts";
import { findStepRun, type PipelineState, type Run } from "./state.ts";

export function pipelineOfRun(pipeline: Pipeline, run: Pick<Run, "parameters"> | null): Pipeline {
  return withParameters(pipeline, run?.parameters ?? {});
}

/** Empty for a pipeline without parameters. */
export function parametersOfRun(pipeline: Pipeline, given: Parameters | undefined, now: number): Parameters {
  const { parameters, schedule } = pipeline;
  const timezone = schedule !== null && "timezone" in schedule ? schedule.timezone : "UTC";
  const date = "date" in parameters ? { date: dateIn(timezone, now) } : {};
  const all = { ...defaultsOf(pipeline), ...date, ...given };
  // A configuration that changed meanwhile may no longer have some.
  return Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(parameters, name)));
}

/** `20261126` */
function dateIn(timezone: string, now: number): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
  return parts.format(now).replaceAll("-", "");
}

/** What is wrong with the parameters that a run is given; null if it can begin with them. */
export function problemWithParameters(
  pipeline: Pipeline,
  given: Parameters | undefined,
  now: number,
): string | null {
  const names = Object.keys(pipeline.parameters);
  const unknown = Object.keys(given ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const known = names.length === 0 ? "it has none" : `its parameters are: ${names.join(", ")}`;
    return `expected parameters of pipeline ${pipeline.name}, found ${JSON.stringify(unknown)}${didYouMean(unknown, names)}; ${known}`;
  }
  const parameters = parametersOfRun(pipeline, given, now);
  const missing = names.find((name) => !Object.hasOwn(parameters, name));
  if (missing !== undefined) {
    return `expected a value for parameter ${JSON.stringify(missing)}, which has no default, found none; give one: --set ${missing}=…`;
  }
  return problemWithImages(withParameters(pipeline, parameters));
}

function problemWithImages(pipeline: Pipeline): string | null {
  const seen = new Set<string>();
  const maxTag = pipeline.promotesTogether ? maxTagWithCandidate : 128;
  for (const { name, image, tags } of pipeline.steps) {
    for (const one of image === null ? [] : [image, ...tags]) {
      const key = imageName(one);
      const of = `step ${JSON.stringify(name)}`;
      if (!isTag(one.tag) || one.tag.length > maxTag) {
        return `expected a tag of at most ${maxTag} letters, digits, dots, dashes and underscores for ${of}, found ${JSON.stringify(one.tag)}`;
      }
      if (seen.has(key))
        return `expected each image once, found ${key} twice with these parameters (again of ${of})`;
      seen.add(key);
    }
  }
  return null;
}

/**
 * What was known of an image that is another one in the new run is not known of it: other parameters or another configuration may
 * name another tag. Its platforms and what it stood on are kept: the next version should have the same platforms, and not stand
 * on what the last one stood on. What is known of the image whose push starts the run is new.
 */
export function forgetOtherImages(
  before: Pipeline,
  after: Pipeline,
  pushedStep: string | null,
  state: PipelineState,
): PipelineState {
  const known = new Map(before.steps.map(({ name, image }) => [name, nameOf(image)]));
  const isOther = ({ name, image }: Step) => {
    const last = findStepRun(state.run, name)?.image ?? null;
    const isConfiguredAnew = last !== null && last !== nameOf(image) && name !== pushedStep;
    return isConfiguredAnew || known.get(name) !== nameOf(image);
  };
  const changed = new Map(after.steps.filter(isOther).map(({ name, image }) => [name, nameOf(image)]));
  return forget(state, changed);
}

/** The same for an image that the configuration names anew while its run is active, or before a retry. */
export function forgetRenamedImages(state: PipelineState, run: Run): PipelineState {
  if (state.run?.id !== run.id || state.run.steps === run.steps) return state;
  const before = state.run;
  const changed = new Map<string, string | null>();
  for (const [index, stepRun] of run.steps.entries()) {
    // Almost all steps are as they were, and this is done for every event.
    if (stepRun === before.steps[index] || stepRun.state === "done") continue;
    const last = findStepRun(before, stepRun.name)?.image ?? null;
    if (last !== null && last !== stepRun.image) changed.set(stepRun.name, stepRun.image);
  }
  return forget(state, changed);
}

/** `changed` has the names of the images by step. */
function forget(state: PipelineState, changed: ReadonlyMap<string, string | null>): PipelineState {
  if (changed.size === 0) return state;
  return {
    ...state,
    completions: state.completions.map((completion) =>
      changed.has(completion.step)
        ? { ...completion, pushedAt: null, hubAt: null, digest: null }
        : completion,
    ),
    pendingConfirmations: state.pendingConfirmations.filter(
      ({ step, image }) => !changed.has(step) || (image !== null && image === changed.get(step)),
    ),
  };
}

function nameOf(image: Image | null): string | null {
  return image === null || hasUnfilledParameter(image) ? null : imageName(image);
}
