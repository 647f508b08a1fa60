// What every kind of channel does: it tells people of one notice, and says whether that was taken.
import type { Send } from "../outgoing/send.ts";
import type { ReadSecret } from "../triggers/trigger.ts";
import type { Notice } from "./notice.ts";

export type Told =
  | { kind: "taken" }
  | {
      kind: "refused";
      reason: string;
      /** What the other side asked for before it is asked again. */
      retryAfterMs: number | null;
      /** Whether it stays so until a person does something. */
      isForPeople: boolean;
    };

/** Hands a message to one of AWS's topics; null for the stack's own. */
export type Publish = (topic: string | null, message: { subject: string; text: string }) => Promise<Told>;

export type ChannelContext = {
  send: Send;
  readSecret: ReadSecret;
  /** Null where there is no AWS to publish by. */
  publish: Publish | null;
  clock: () => number;
};

/** A kind of channel: what stands in a folder beside this file, and what its settings need. */
export type ChannelKind<Settings> = {
  send: (settings: Settings, notice: Notice, context: ChannelContext) => Promise<Told>;
  /** The names of the secrets that it needs. */
  secretsOf: (settings: Settings) => string[];
  /** The origins that it asks; one with a `*` stands for all below it. */
  originsOf: (settings: Settings) => string[];
};

/** How long a channel may take to answer: a run's other business does not wait for it, but its process does. */
export const noticeTimeoutMs = 5_000;

export function refused(reason: string, retryAfterMs: number | null = null): Told {
  return { kind: "refused", reason, retryAfterMs, isForPeople: false };
}

export function refusedForPeople(reason: string): Told {
  return { kind: "refused", reason, retryAfterMs: null, isForPeople: true };
}
