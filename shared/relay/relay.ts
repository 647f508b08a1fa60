// What the loop works with: pipelines by name and by what tells of them, and everything outside of the program.
import { type Image, imageName } from "../core/image.ts";
import type { Pipeline } from "../core/pipeline.ts";
import type { Run } from "../core/run.ts";
import { makeRunId } from "../core/run-id.ts";
import type { LookUpTag } from "../docker-hub/look-up-tag.ts";
import type { Log } from "../log/log.ts";
import type { Channels } from "../notify/create-channels.ts";
import type { Slots } from "../store/slots.ts";
import type { Store } from "../store/store.ts";
import type { TriggerContext } from "../triggers/trigger.ts";
import { type BuiltStep, buildersOf } from "./builders.ts";
import { type PipelineOfSource, sourcesOf } from "./steps-of-source.ts";

export type Relay = {
  pipelines: ReadonlyMap<string, Pipeline>;
  /** Which steps an image stands for, by its name. */
  images: ReadonlyMap<string, { pipeline: Pipeline; step: string }[]>;
  /** Which pipelines are started by pushes to a repository of GitHub. */
  sources: ReadonlyMap<string, PipelineOfSource[]>;
  /** Which steps are built by whoever tells of the ends of builds. */
  builders: ReadonlyMap<string, BuiltStep[]>;
  store: Store;
  slots: Slots;
  triggers: TriggerContext;
  lookUpTag: LookUpTag;
  channels: Channels;
  /** Where people reach the pages, without a slash at the end; null where that is not known. */
  url: string | null;
  clock: () => number;
  random: () => number;
  sleep: (ms: number) => Promise<void>;
  log: Log;
  /** Hears of each saved change. */
  observe: (before: Run | null, after: Run | null) => void;
};

type Made = "pipelines" | "images" | "sources" | "builders";
/** Without channels, nobody but the log is told. */
type Outside = Omit<Relay, Made | "channels" | "url"> & Partial<Pick<Relay, "channels" | "url">>;

export function createRelay(pipelines: readonly Pipeline[], outside: Outside): Relay {
  const images = new Map<string, { pipeline: Pipeline; step: string }[]>();
  for (const pipeline of pipelines) {
    for (const { name, image } of pipeline.steps) {
      const steps = images.get(imageName(image)) ?? [];
      steps.push({ pipeline, step: name });
      images.set(imageName(image), steps);
    }
  }
  return {
    channels: new Map(),
    url: null,
    ...outside,
    pipelines: new Map(pipelines.map((pipeline) => [pipeline.name, pipeline])),
    images,
    sources: sourcesOf(pipelines),
    builders: buildersOf(pipelines),
  };
}

export function stepsOfImage({ images }: Relay, image: Image) {
  return images.get(imageName(image)) ?? [];
}

export function newRunId({ clock, random }: Relay, pipeline: Pipeline): string {
  return makeRunId(pipeline.name, clock(), random());
}
