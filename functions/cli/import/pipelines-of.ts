// Makes a pipeline of each group of connected builds, and attaches the remarks to pipelines and steps.
import type { Build } from "./build.ts";
import { freeName, type Imported, type Note, note, pipelineName } from "./imported.ts";
import { linkBuilds } from "./link-builds.ts";

/** A single pipeline is called `name`; several are named for their first steps. */
export function pipelinesOf(builds: readonly Build[], name: string, notes: readonly Note[]): Imported {
  const { families, remarks, lines } = linkBuilds(builds);
  const taken = new Set<string>();
  const pipelines = families.map((steps) => {
    const wanted = families.length === 1 ? name : (steps[0]?.name ?? name);
    const free = freeName(pipelineName(wanted), taken);
    taken.add(free);
    return { name: free, schedule: null, delay: null, steps };
  });
  const remarkNotes = remarks.map(({ image, text }) => {
    const pipeline = pipelines.find(({ steps }) => steps.some((step) => step.image === image));
    const step = pipeline?.steps.find((candidate) => candidate.image === image);
    return note(text, pipeline?.name ?? null, step?.name ?? null);
  });
  const open = remarks.filter(({ isOpen }) => isOpen === true).map(({ text }) => text);
  const tally = { own: lines.own.size, lost: [...lines.lost], leftOut: [], open };
  return { pipelines, notes: [...notes, ...remarkNotes], tally };
}
