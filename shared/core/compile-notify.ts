// Who is told of what happens to a pipeline's runs, and by which channel.
import { type ChannelDocument, channelSettings } from "../notify/settings.ts";
import type { PipelineDocument } from "./config.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Report } from "./draft-steps.ts";
import type { Channel, NoticeKind, Subscription } from "./pipeline.ts";

const unlessTold: NoticeKind[] = ["failed", "stalled", "recovered"];

export function compileChannels(channels: Readonly<Record<string, ChannelDocument>> = {}): Channel[] {
  return Object.entries(channels).map(([name, { on, ...to }]) => ({ name, on: kindsOf(on), to }));
}

/** What channels want to hear of by their names, also where the rest of what they say is wrong. */
export function subscriptionsOf(document: unknown): Subscription[] {
  if (typeof document !== "object" || document === null || !("channels" in document)) return [];
  const { channels } = document;
  if (typeof channels !== "object" || channels === null) return [];
  return Object.entries(channels).map(([channel, settings]) => {
    const { data } = channelSettings.safeParse(settings);
    return { channel, on: kindsOf(data?.on) };
  });
}

export function compileNotify(
  { notify }: PipelineDocument,
  channels: readonly Subscription[],
  report: Report,
): Subscription[] {
  if (notify === undefined) return [...channels];
  const isMap = typeof notify === "object" && !Array.isArray(notify);
  const told: [string, NoticeKind[] | undefined, PropertyKey[]][] = isMap
    ? Object.entries(notify).map(([name, on]) => [name, on, [name]])
    : [notify].flat().map((name, index) => [name, undefined, Array.isArray(notify) ? [index] : []]);
  const found = new Map<string, Subscription>();
  for (const [name, on, path] of told) {
    const channel = channels.find((other) => other.channel === name);
    if (channel === undefined) {
      const names = channels.map((other) => other.channel);
      const message = `expected a channel that stands under "channels", found ${JSON.stringify(name)}${didYouMean(name, names)}`;
      report(["notify", ...path], message);
    } else found.set(name, { channel: name, on: on === undefined ? channel.on : kindsOf(on) });
  }
  return [...found.values()];
}

function kindsOf(on: readonly NoticeKind[] = unlessTold): NoticeKind[] {
  return [...new Set(on)];
}
