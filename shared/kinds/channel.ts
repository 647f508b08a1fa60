// The port that every kind of channel implements: deliver one notice, and report whether that worked.
import type { CallAws } from "../aws/call-aws.ts";
import type { Send } from "../outgoing/send.ts";
import type { ReadSecret } from "./read-secret.ts";

export const noticeKinds = ["failed", "stalled", "recovered", "succeeded", "stale", "approval"] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** A message to people about a run, or about images. */
export type Notice = {
  /** The same whenever the notice is sent again. */
  id: string;
  subject: NoticeKind | "cancelled" | "test";
  /** Null for a test. */
  pipeline: string | null;
  runId: string | null;
  at: number;
  /** The start of the outage that the run is part of, or since when the first image is stale. */
  since: number | null;
  title: string;
  /** The steps that failed, are stalled, wait for an approval, or whose images are stale. */
  steps: NoticeStep[];
  /** How many more there are. */
  stepsLeftOut: number;
  /** Further text, a sentence or two each. */
  remarks: string[];
  /** The page of the run, or that of the images. */
  url: string | null;
};

export type NoticeStep = {
  name: string;
  reason: string;
  attempts: number;
  /** When it was tried first. */
  triedSince: number | null;
  /** The page of its last build. */
  url: string | null;
};

export type Delivery =
  | { kind: "delivered" }
  | {
      kind: "failed";
      reason: string;
      /** How long the channel asked to wait. */
      retryAfterMs: number | null;
      /** True if retries will fail until somebody changes something. */
      needsAttention: boolean;
    };

/** Publishes to an SNS topic; null is the stack's own. */
export type Publish = (topic: string | null, message: { subject: string; text: string }) => Promise<Delivery>;

export type Mail = {
  server: { host: string; port: number; security: "tls" | "starttls" | "none" };
  login: { username: string; password: string } | null;
  from: string;
  to: readonly string[];
  subject: string;
  text: string;
  /** The same whenever the mail is sent again, so that mailboxes can show it once. */
  id: string;
};

/** What a mail server did with a mail. The reasons contain no password. */
export type Mailed =
  | { kind: "accepted"; rejected: readonly string[] }
  /** `isPermanent`: it will be refused again until somebody changes something. */
  | { kind: "refused"; reason: string; isPermanent: boolean };

export type SendMail = (mail: Mail) => Promise<Mailed>;

export type ChannelContext = {
  send: Send;
  readSecret: ReadSecret;
  /** Null outside of AWS. */
  publish: Publish | null;
  /** Null without credentials for AWS. */
  callAws?: CallAws | null;
  /** Null on AWS. */
  sendMail: SendMail | null;
  /** Whether the process goes on between requests; false on AWS. */
  keepsRunning: boolean;
  /** The time from one notice to the next, instead of each kind's own. */
  gapMs?: number;
  clock: () => number;
};

/** What a kind of channel has to provide. The grammar of its settings is separate: it needs all of zod. */
export type ChannelKind<Settings> = {
  send: (settings: Settings, notice: Notice, context: ChannelContext) => Promise<Delivery>;
  /** The time from one notice to the next that the service accepts for long; by default it only asks for one at a time. */
  gapMs?: number;
  /** The names of the secrets it needs. */
  secretsOf: (settings: Settings) => string[];
  /** The origins it sends requests to; `https://*.example.org` covers all subdomains. */
  originsOf: (settings: Settings) => string[];
};

/** A run does not wait for its notices, but the process does. */
export const noticeTimeoutMs = 5_000;

export function deliveryFailed(reason: string, retryAfterMs: number | null = null): Delivery {
  return { kind: "failed", reason, retryAfterMs, needsAttention: false };
}

export function deliveryNeedsAttention(reason: string): Delivery {
  return { kind: "failed", reason, retryAfterMs: null, needsAttention: true };
}
