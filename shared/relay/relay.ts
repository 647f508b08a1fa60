// What the loop works with: the pipelines, by their names, images, source repositories and builders, and the interfaces to the
// outside.
import type { Channels } from "../channels/channels.ts";
import { createProofs, type Proofs } from "../evidence/proofs.ts";
import { type Image, imageName } from "../image/image.ts";
import { mayBe } from "../image/tag-parameters.ts";
import type { BuilderContext } from "../kinds/builder.ts";
import type { LookUpTag, MoveTag, ReadContent } from "../kinds/registry.ts";
import type { Log } from "../log.ts";
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import type { ActionOf } from "../run/event.ts";
import { makeRunId } from "../run/run-id.ts";
import type { Run } from "../run/state.ts";
import type { Slots } from "../store/slots.ts";
import type { Store } from "../store/store.ts";
import { type Catalog, catalogOf, keyOfOpenTags, type StepOfImage } from "./catalog.ts";
import type { Turns } from "./turns.ts";

export type BuildToLookUp = { pipeline: Pipeline } & ActionOf<"lookUpBuild">;

export type Relay = Catalog & {
  store: Store;
  slots: Slots;
  builderContext: BuilderContext;
  lookUpTag: LookUpTag;
  readContent: ReadContent;
  /** What earlier looks at the registries proved. */
  proofs: Proofs;
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
  /** Where a sweep collects the builds to look up, to ask about many at once; null to ask about each at once. */
  buildsToLookUp: BuildToLookUp[] | null;
  /** What waits for its turn to be decided on and saved. */
  turns: Turns;
  /** Called after each save. */
  observe: (before: Run | null, after: Run | null) => void;
};

type Optional = "channels" | "url" | "mayClaim" | "buildsToLookUp" | "proofs" | "turns";
/** Without channels, notices only go to the log. */
type Ports = Omit<Relay, keyof Catalog | Optional> & Partial<Pick<Relay, Optional>>;

export function createRelay(pipelines: readonly Pipeline[], ports: Ports): Relay {
  return createRelayOf(catalogOf(pipelines), ports);
}

export function createRelayOf(catalog: Catalog, ports: Ports): Relay {
  return {
    channels: new Map(),
    url: null,
    mayClaim: () => true,
    buildsToLookUp: null,
    proofs: createProofs(),
    turns: new Map(),
    ...ports,
    ...catalog,
  };
}

export type StepOfPush = StepOfImage & {
  /** The pushed image. Set if the tag of the step has parameters: only the run shows whether this is its image. */
  image?: string;
};

export function stepsOfImage({ images }: Relay, image: Image): StepOfPush[] {
  const open = (images.get(keyOfOpenTags(image)) ?? []).filter(({ pipeline, step }) => {
    const configured = findStep(pipeline, step)?.image ?? null;
    return configured !== null && mayBe(configured, image);
  });
  return [
    ...(images.get(imageName(image)) ?? []),
    ...open.map((step) => ({ ...step, image: imageName(image) })),
  ];
}

export function newRunId({ clock, random }: Relay, pipeline: Pipeline): string {
  return makeRunId(pipeline.name, clock(), random());
}
