// What a validated tagrelay.yaml means: pipelines as graphs of steps. Plain data, it travels in the Lambda bundles.

import type { ChannelSettings } from "../notify/settings.ts";
import type { TriggerSettings } from "../triggers/settings.ts";
import type { Image } from "./image.ts";

/** As many as anybody's builder takes, and then some. */
export const mostParallel = 1_000;

export type Schedule =
  | { kind: "cron"; expression: string; timezone: string }
  | { kind: "every"; everyMs: number }
  | { kind: "at"; local: string; timezone: string; startAt: number };

export type Step = {
  name: string;
  image: Image;
  after: string[];
  trigger: TriggerSettings;
  delayMs: number;
  timeoutMs: number;
  retries: number;
  /** Where it is built, if no more than so many builds are done there at once. */
  account: Account | null;
  /** What ends its build: the push of its tag, or the word of whoever builds it. */
  endedBy: "push" | "builder";
  /** Patterns of the source's files that it is made of. */
  paths: string[];
  /** The images from elsewhere that it is built from: `library/debian:bookworm`. */
  upstreams: string[];
};

export type Account = { name: string; maxParallel: number };

/** The repository whose pushes start runs. */
export type Source = { repository: string; branches: string[]; paths: string[] };

export type Pipeline = {
  name: string;
  /** In an order in which each step stands after all that it comes after. */
  steps: Step[];
  schedule: Schedule | null;
  /** The pipelines after each success of which this one is started. */
  after: string[];
  /** The pipelines that are started whenever this one has succeeded. */
  followers: string[];
  source: Source | null;
  /** How often it is looked whether an upstream has changed. */
  upstreamEveryMs: number;
  overlap: "skip" | "restart";
  onPush: "propagate" | "ignore";
  /** How many steps are under way at once, those among them that wait for their delay or for another try. */
  maxParallel: number;
  /** Who is told of what happens to its runs. */
  notify: Subscription[];
  /** How long a step may be under way until its run is said to be stalled; null for the step's time-out. */
  stalledAfterMs: number | null;
  /** Who has to say that a tag was pushed: Docker Hub, Docker Hub where it can be read, or the webhook alone. */
  confirm: "hub" | "auto" | "webhook";
};

export const noticeKinds = ["failed", "stalled", "recovered", "succeeded"] as const;
export type NoticeKind = (typeof noticeKinds)[number];
export type Subscription = { channel: string; on: NoticeKind[] };

/** Who can be told: by which kind of channel, with what that needs. */
export type Channel = { name: string; on: NoticeKind[]; to: ChannelSettings };

export type Config = {
  pipelines: Pipeline[];
  channels: Channel[];
  /** Where people reach the pages, without a slash at the end; null where nobody has said. */
  url: string | null;
  historyMs: number;
};
