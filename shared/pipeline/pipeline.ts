// A pipeline as the rest of the program sees it: a validated graph of steps. Plain data; Lambda bundles carry it as JSON.

import type { BuildProject } from "../builders/codebuild/build-project.ts";
import type { CommandSettings } from "../builders/command/settings.ts";
import type { TriggerSettings } from "../builders/settings.ts";
import type { ChannelSettings } from "../channels/settings.ts";
import { type Image, imageName } from "../image/image.ts";
import type { JobIdentity } from "../kinds/builder.ts";
import type { NoticeKind } from "../kinds/channel.ts";
import type { SourceHost } from "../kinds/source.ts";
import type { RegistryLogin } from "../registries/read-login.ts";
import { createFinder } from "./create-finder.ts";

/** In effect no limit: more than any builder runs at once. */
export const noParallelLimit = 1_000;

export type Schedule =
  | { kind: "cron"; expression: string; timezone: string }
  | { kind: "every"; everyMs: number }
  | { kind: "at"; local: string; timezone: string; startAt: number };

/** A step as the configuration describes it. Within a run it is a `StepRun`, in run/state.ts. */
export type Step = {
  name: string;
  /** Null for a gate: a step that builds nothing, where the run waits for a job or a person. */
  image: Image | null;
  /** Further tags that its build pushes. */
  tags: Image[];
  after: string[];
  trigger: TriggerSettings;
  delayMs: number;
  timeoutMs: number;
  retries: number;
  /** It is built elsewhere: no run builds it, and only its freshness is looked at. */
  watch: boolean;
  /** The account that limits how many of its steps are built at once; null for no limit. */
  account: Account | null;
  /** What ends its build: the push of its tag, or its builder's report. */
  endedBy: "push" | "builder";
  /** The jobs that may report the end of its build without the API token; null for none. */
  identity: JobIdentity | null;
  /** Whether its image has to stand on its bases: fail if it is known not to, fail unless it is proven, or do not look. */
  verify: "auto" | "required" | "off";
  /** The platforms that its image must have; empty for those that it had before. */
  platforms: string[];
  /** Patterns of the source files that it is built from. */
  paths: string[];
  /** Images from elsewhere that it is built from: `library/debian:bookworm`. */
  upstreams: string[];
};

export type Account = { name: string; maxParallel: number };

/** The repository whose pushes start runs. */
export type Source = {
  host: SourceHost;
  repository: string;
  branches: string[];
  /** Patterns of the tags whose pushes start runs, such as `v{version}`. */
  tags: string[];
  paths: string[];
};

export type Pipeline = {
  name: string;
  /** Sorted: each step comes after its predecessors. */
  steps: Step[];
  /** The parameters of its runs, with their defaults; null for one that has none. */
  parameters: Record<string, string | null>;
  /** The steps as they are configured, if `steps` are those of a run: see with-parameters.ts. */
  configured: Step[] | null;
  schedule: Schedule | null;
  /** The pipelines whose successes start this one. */
  after: string[];
  /** The pipelines that this one's success starts. */
  followers: string[];
  /** The pipelines whose runs under way its scheduled starts wait for. */
  waitFor: string[];
  source: Source | null;
  /** How often the registries are asked whether the images are fresh; null for never. */
  lookEveryMs: number | null;
  /** How often the upstreams are checked for changes. */
  upstreamEveryMs: number;
  /** The platforms whose new versions count, such as `linux/amd64`; null for all. */
  upstreamPlatforms: string[] | null;
  overlap: "skip" | "restart";
  /** Whether a run builds all its steps, or only those whose images are stale. */
  rebuild: "always" | "stale";
  /** Its builds push candidates, and all tags are moved to them once the whole run is done. */
  promotesTogether: boolean;
  onPush: "propagate" | "ignore";
  /** How many steps may be under way at once, including those that wait for a delay or a retry. */
  maxParallel: number;
  notify: Subscription[];
  /** A step under way for longer is reported as stalled; null for the step's time-out. */
  stalledAfterMs: number | null;
  /** What has to confirm a push: the image's registry, the registry if it can be read, or the webhook alone. */
  confirm: "registry" | "auto" | "webhook";
};

/** A pipeline without steps, and with the default of every other setting. */
export function emptyPipeline(name: string): Pipeline {
  return {
    name,
    steps: [],
    parameters: {},
    configured: null,
    schedule: null,
    after: [],
    followers: [],
    waitFor: [],
    source: null,
    lookEveryMs: null,
    upstreamEveryMs: 6 * 60 * 60_000,
    upstreamPlatforms: null,
    overlap: "skip",
    rebuild: "always",
    promotesTogether: false,
    onPush: "propagate",
    maxParallel: noParallelLimit,
    notify: [],
    stalledAfterMs: null,
    confirm: "auto",
  };
}

export function findStep({ steps }: Pick<Pipeline, "steps">, name: string): Step | undefined {
  return findByName(steps, name);
}

const findByName = createFinder<Step>(({ name }) => name);

export type ImageStep = Step & { image: Image };

export function hasImage(step: Step): step is ImageStep {
  return step.image !== null;
}

/** The steps without the gates. */
export function imageSteps({ steps }: Pick<Pipeline, "steps">): ImageStep[] {
  return steps.filter(hasImage);
}

export function imageNameOf({ image }: Pick<Step, "image">): string | null {
  return image === null ? null : imageName(image);
}

/** A watched step is built elsewhere. */
export function isBuilt({ watch }: Pick<Step, "watch">): boolean {
  return !watch;
}

export type Subscription = { channel: string; on: NoticeKind[] };

export type Channel = { name: string; on: NoticeKind[]; to: ChannelSettings };

/** Who may see the status pages: anyone, people who sign in with the API token, or nobody. */
export const pageAccesses = ["public", "token", "off"] as const;
export type PageAccess = (typeof pageAccesses)[number];

/** Who may read /metrics: anyone, or who has the API token. */
export const metricsAccesses = ["public", "token"] as const;
export type MetricsAccess = (typeof metricsAccesses)[number];

/** How builds of the API are run: with a Dockerfile, outside of any pipeline. */
export type BuildsSettings = {
  command: CommandSettings;
  timeoutMs: number;
  /** How many may wait for their turn. */
  maxQueued: number;
  /** `GET /b1/build` starts builds, too. */
  hasB1Route: boolean;
};

/** A whole tagrelay.yaml. */
export type Config = {
  pipelines: Pipeline[];
  channels: Channel[];
  /** The logins for registries. */
  logins: RegistryLogin[];
  /** Registries with a webhook secret of their own, and the name of that secret. */
  webhookSecrets: { registry: string; secret: string }[];
  /** What the stack creates to build with. */
  buildProjects: BuildProject[];
  /** The public address of the pages, without a trailing slash; null if it is not configured. */
  url: string | null;
  historyMs: number;
  /** Null for the default, which differs between AWS and the local program. */
  pages: PageAccess | null;
  metrics: MetricsAccess;
  /** Null if nobody may start builds outside of the pipelines. */
  builds: BuildsSettings | null;
};
