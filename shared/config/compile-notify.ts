// Compiles `channels` and `notify`: where the notices about a pipeline's runs are sent.
import { type ChannelDocument, channelSettings } from "../channels/settings.ts";
import type { NoticeKind } from "../kinds/channel.ts";
import type { Channel, Subscription } from "../pipeline/pipeline.ts";
import { didYouMean } from "../validation/did-you-mean.ts";
import { isEntries } from "./map-texts.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import type { Report } from "./report.ts";

const defaultNotices: NoticeKind[] = ["failed", "stalled", "recovered", "approval"];

export function compileChannels(channels: Readonly<Record<string, ChannelDocument>> = {}): Channel[] {
  return Object.entries(channels).map(([name, { on, to }]) => ({
    name,
    on: unique(on ?? defaultNotices),
    to,
  }));
}

/**
 * All channels of a document and their default notices. A channel with errors counts, so that its name is known. Null if the
 * channels cannot be read.
 */
export function readSubscriptions(channels: unknown): Subscription[] | null {
  if (channels === undefined) return [];
  if (!isEntries(channels)) return null;
  return Object.entries(channels).map(([channel, settings]) => {
    const { data } = channelSettings.safeParse(settings);
    return { channel, on: unique(data?.on ?? defaultNotices) };
  });
}

export function compileNotify(
  { notify }: PipelineDocument,
  channels: readonly Subscription[] | null,
  report: Report,
): Subscription[] {
  if (channels === null) return [];
  if (notify === undefined) return [...channels];
  const found = new Map<string, Subscription>();
  for (const { name, on, path } of requestedChannels(notify)) {
    const channel = channels.find((other) => other.channel === name);
    if (channel === undefined) {
      const names = channels.map((other) => other.channel);
      const message = `expected a channel defined under "channels", found ${JSON.stringify(name)}${didYouMean(name, names)}`;
      report(["notify", ...path], message);
    } else found.set(name, { channel: name, on: unique(on ?? channel.on) });
  }
  return [...found.values()];
}

/** `on` is null for the channel's own notices. */
type RequestedChannel = { name: string; on: NoticeKind[] | null; path: PropertyKey[] };

function requestedChannels(notify: NonNullable<PipelineDocument["notify"]>): RequestedChannel[] {
  if (typeof notify === "string") return [{ name: notify, on: null, path: [] }];
  if (Array.isArray(notify)) return notify.map((name, index) => ({ name, on: null, path: [index] }));
  return Object.entries(notify).map(([name, on]) => ({ name, on, path: [name] }));
}

function unique(on: readonly NoticeKind[]): NoticeKind[] {
  return [...new Set(on)];
}
