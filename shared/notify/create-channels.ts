// Makes channels of their settings, of whichever kind they are, and tells what that needs.
import type { Channel as ChannelConfig } from "../core/pipeline.ts";
import type { Log } from "../log/log.ts";
import { type ChannelContext, type ChannelKind, refused, type Told } from "./channel.ts";
import { discord } from "./discord/send.ts";
import type { Notice } from "./notice.ts";
import type { ChannelName, ChannelSettingsByName } from "./settings.ts";
import { slack } from "./slack/send.ts";
import { sns } from "./sns/send.ts";
import { teams } from "./teams/send.ts";
import { webhook } from "./webhook/send.ts";

/** One that settings.ts knows and this does not, or the other way round, does not compile. */
const kinds: { readonly [Name in ChannelName]: ChannelKind<ChannelSettingsByName[Name]> } = {
  slack,
  discord,
  teams,
  sns,
  webhook,
};

/** Whom people have made a channel to. */
export type Channel = { name: string; send: (notice: Notice) => Promise<Told> };
export type Channels = ReadonlyMap<string, Channel>;

type Bound = {
  kind: ChannelName;
  send: (notice: Notice, context: ChannelContext) => Promise<Told>;
  secrets: string[];
  origins: string[];
};

function bind<Name extends ChannelName>(
  name: Name,
  to: { readonly [N in ChannelName]?: ChannelSettingsByName[N] | undefined },
): Bound | null {
  const settings: ChannelSettingsByName[Name] | undefined = to[name];
  if (settings === undefined) return null;
  const kind: ChannelKind<ChannelSettingsByName[Name]> = kinds[name];
  return {
    kind: name,
    send: (notice, context) => kind.send(settings, notice, context),
    secrets: kind.secretsOf(settings),
    origins: kind.originsOf(settings),
  };
}

function bound({ name, to }: ChannelConfig): Bound {
  for (const kind of Object.keys(kinds)) {
    const found = isChannelName(kind) ? bind(kind, to) : null;
    if (found !== null) return found;
  }
  throw new Error(`expected the channel ${name} to be of a known kind, found ${Object.keys(to).join(", ")}`);
}

function isChannelName(name: string): name is ChannelName {
  return Object.hasOwn(kinds, name);
}

export function createChannels(configs: readonly ChannelConfig[], context: ChannelContext): Channels {
  return new Map(configs.map((config) => [config.name, createChannel(config, context)]));
}

const leaveAloneAtMostMs = 60 * 60_000;

function createChannel(config: ChannelConfig, context: ChannelContext): Channel {
  const { send } = bound(config);
  let askAgainAt = 0;
  return {
    name: config.name,
    send: async (notice) => {
      const now = context.clock();
      if (now < askAgainAt && notice.subject !== "test") {
        return refused(
          `it is left alone until ${new Date(askAgainAt).toISOString()}, as it asked or did not answer`,
        );
      }
      const told = await send(notice, context).catch((error: unknown) =>
        // Sending does not throw: what did comes before it, such as a secret that cannot be read just now.
        refused(
          `the notice could not be prepared (${error instanceof Error ? error.name : "unknown error"})`,
        ),
      );
      const waitMs = told.kind === "refused" ? (told.retryAfterMs ?? 0) : 0;
      askAgainAt = context.clock() + Math.min(waitMs, leaveAloneAtMostMs);
      return told;
    },
  };
}

/** Nobody is told: the log says who would have been, and what. */
export function createSimulatedChannels(configs: readonly ChannelConfig[], log: Log): Channels {
  const channels = configs.map((config): Channel => {
    const { name } = config;
    const { kind } = bound(config);
    return {
      name,
      send: async ({ title, steps, pipeline, runId }) => {
        log("info", {
          event: "notice.simulated",
          channel: name,
          kind,
          ...(pipeline === null ? {} : { pipeline, run: runId }),
          text: [title, ...steps.map((step) => step.name)].join(", "),
        });
        return { kind: "taken" };
      },
    };
  });
  return new Map(channels.map((channel) => [channel.name, channel]));
}

/** The names of the secrets that a channel needs. */
export function secretsOfChannel(config: ChannelConfig): string[] {
  return bound(config).secrets;
}

/** The origins that these channels ask. */
export function originsOfChannels(configs: readonly ChannelConfig[]): string[] {
  return [...new Set(configs.flatMap((config) => bound(config).origins))];
}
