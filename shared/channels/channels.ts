// The kinds of channel by name, and the channels of a configuration, ready to send.
import {
  type ChannelContext,
  type ChannelKind,
  type Delivery,
  deliveryFailed,
  type Notice,
} from "../kinds/channel.ts";
import { type Log, nameOf } from "../log.ts";
import { discord } from "./discord/send.ts";
import { eventbridge } from "./eventbridge/send.ts";
import { gotify } from "./gotify/send.ts";
import { matrix } from "./matrix/send.ts";
import { ntfy } from "./ntfy/send.ts";
import { pushover } from "./pushover/send.ts";
import type { ChannelName, ChannelSettings } from "./settings.ts";
import { slack } from "./slack/send.ts";
import { smtp } from "./smtp/send.ts";
import { sns } from "./sns/send.ts";
import { createTurns } from "./take-turns.ts";
import { teams } from "./teams/send.ts";
import { telegram } from "./telegram/send.ts";
import { webhook } from "./webhook/send.ts";

const kinds: { readonly [Name in ChannelName]: ChannelKind<ChannelSettings<Name>> } = {
  slack,
  discord,
  teams,
  telegram,
  matrix,
  ntfy,
  gotify,
  pushover,
  smtp,
  sns,
  eventbridge,
  webhook,
};

function kindOf<Name extends ChannelName>(
  settings: ChannelSettings<Name>,
): ChannelKind<ChannelSettings<Name>> {
  return kinds[settings.kind];
}

function sendTo<Name extends ChannelName>(
  settings: ChannelSettings<Name>,
  notice: Notice,
  context: ChannelContext,
): Promise<Delivery> {
  return kindOf(settings).send(settings, notice, context);
}

function secretsOf<Name extends ChannelName>(settings: ChannelSettings<Name>): string[] {
  return kindOf(settings).secretsOf(settings);
}

function originsOf<Name extends ChannelName>(settings: ChannelSettings<Name>): string[] {
  return kindOf(settings).originsOf(settings);
}

function gapOf<Name extends ChannelName>(settings: ChannelSettings<Name>): number {
  return kindOf(settings).gapMs ?? 0;
}

/** A channel as the configuration describes it. */
export type ChannelConfig = { name: string; to: ChannelSettings };

/** A channel that is ready to send. */
export type Channel = {
  name: string;
  send: (notice: Notice) => Promise<Delivery>;
  /** Its notices only go to the log. */
  isSimulated?: true;
};
export type Channels = ReadonlyMap<string, Channel>;

export function createChannels(configs: readonly ChannelConfig[], context: ChannelContext): Channels {
  return new Map(configs.map((config) => [config.name, createChannel(config, context)]));
}

const maxPauseMs = 60 * 60_000;

function createChannel({ name, to }: ChannelConfig, context: ChannelContext): Channel {
  const { keepsRunning, gapMs = gapOf(to) } = context;
  const takeTurn = createTurns({ gapMs, keepsRunning });
  let pausedUntil = 0;
  const send = async (notice: Notice) => {
    const now = context.clock();
    if (now < pausedUntil && notice.subject !== "test") {
      return deliveryFailed(
        `paused until ${new Date(pausedUntil).toISOString()}: the channel asked to wait, or did not answer`,
      );
    }
    const delivery = await sendTo(to, notice, context).catch((error: unknown) =>
      // Sending does not throw, so something before it failed, such as reading a secret.
      deliveryFailed(`the notice could not be prepared (${nameOf(error)})`),
    );
    const waitMs = delivery.kind === "failed" ? (delivery.retryAfterMs ?? 0) : 0;
    pausedUntil = context.clock() + Math.min(waitMs, maxPauseMs);
    return delivery;
  };
  return { name, send: (notice) => takeTurn(notice.id, () => send(notice)) };
}

/** Channels that send nothing, and log each notice instead. */
export function createSimulatedChannels(configs: readonly ChannelConfig[], log: Log): Channels {
  return new Map(configs.map((config) => [config.name, createSimulatedChannel(config, log)]));
}

function createSimulatedChannel({ name, to }: ChannelConfig, log: Log): Channel {
  return {
    name,
    isSimulated: true,
    send: async ({ title, steps, stepsLeftOut, pipeline, runId }) => {
      log("info", {
        event: "notice.simulated",
        channel: name,
        kind: to.kind,
        ...(pipeline === null ? {} : { pipeline, run: runId }),
        text: [
          title,
          ...steps.map((step) => step.name),
          ...(stepsLeftOut === 0 ? [] : [`and ${stepsLeftOut} more`]),
        ].join(", "),
      });
      return { kind: "delivered" };
    },
  };
}

/** The names of the secrets that a channel needs. */
export function secretsOfChannel(config: ChannelConfig): string[] {
  return secretsOf(config.to);
}

/** The origins that the channels send requests to. */
export function originsOfChannels(configs: readonly ChannelConfig[]): string[] {
  return [...new Set(configs.flatMap((config) => originsOf(config.to)))];
}
