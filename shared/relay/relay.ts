// What the loop works with: the pipelines, by name and by what reports on them, and the ports to the outside.
import type { Channels } from "../channels/channels.ts";
import { type Image, imageName } from "../image/image.ts";
import type { BuilderContext } from "../kinds/builder.ts";
import type { LookUpTag, MoveTag, ReadContent } from "../kinds/registry.ts";
import type { Log } from "../log.ts";
import { imageSteps, type Pipeline } from "../pipeline/pipeline.ts";
import { makeRunId } from "../run/run-id.ts";
import type { Run } from "../run/state.ts";
import type { Slots } from "../store/slots.ts";
import type { Store } from "../store/store.ts";
import { type BuiltStep, buildersOf } from "./built-steps.ts";
import { type PipelineOfSource, sourcesOf } from "./steps-of-source.ts";

export type Relay = {
  pipelines: ReadonlyMap<string, Pipeline>;
  /** The steps of an image, by its name. */
  images: ReadonlyMap<string, { pipeline: Pipeline; step: string }[]>;
  /** The pipelines that a GitHub repository's pushes start. */
  sources: ReadonlyMap<string, PipelineOfSource[]>;
  /** The steps whose builders report the ends of builds, by project. */
  builders: ReadonlyMap<string, BuiltStep[]>;
  store: Store;
  slots: Slots;
  triggers: BuilderContext;
  lookUpTag: LookUpTag;
  readContent: ReadContent;
  moveTag: MoveTag;
  channels: Channels;
  /** The public address of the pages, without a trailing slash; null if unknown. */
  url: string | null;
  clock: () => number;
  random: () => number;
  sleep: (ms: number) => Promise<void>;
  log: Log;
  /** False when a trigger could be cut off by the end of the process: then no step is claimed any more. */
  mayClaim: () => boolean;
  /** Called after each save. */
  observe: (before: Run | null, after: Run | null) => void;
};

type Derived = "pipelines" | "images" | "sources" | "builders";
type Optional = "channels" | "url" | "mayClaim";
/** Without channels, notices only go to the log. */
type Ports = Omit<Relay, Derived | Optional> & Partial<Pick<Relay, Optional>>;

export function createRelay(pipelines: readonly Pipeline[], ports: Ports): Relay {
  const steps = pipelines.flatMap((pipeline) =>
    imageSteps(pipeline).map(({ name, image }) => ({ image: imageName(image), pipeline, step: name })),
  );
  return {
    channels: new Map(),
    url: null,
    mayClaim: () => true,
    ...ports,
    pipelines: new Map(pipelines.map((pipeline) => [pipeline.name, pipeline])),
    images: Map.groupBy(steps, ({ image }) => image),
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
