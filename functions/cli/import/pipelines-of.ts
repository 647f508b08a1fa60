// Makes the families of builds into pipelines, with the notes where they belong.

import { freeName, type Imported, type Note, note, pipelineName } from "./imported.ts";
import { type Build, linkBuilds } from "./link-builds.ts";

/** One family is named for `name`, several each for their first step. */
export function pipelinesOf(builds: readonly Build[], name: string, notes: readonly Note[]): Imported {
  const { families, remarks } = linkBuilds(builds);
  const taken = new Set<string>();
  const pipelines = families.map((steps) => {
    const wanted = families.length === 1 ? name : (steps[0]?.name ?? name);
    const free = freeName(pipelineName(wanted), taken);
    taken.add(free);
    return { name: free, schedule: null, delay: null, steps };
  });
  const remarked = remarks.map(({ image, text }) => {
    const pipeline = pipelines.find(({ steps }) => steps.some((step) => step.image === image));
    const step = pipeline?.steps.find((candidate) => candidate.image === image);
    return note(text, pipeline?.name ?? null, step?.name ?? null);
  });
  return { pipelines, notes: [...notes, ...remarked] };
}
