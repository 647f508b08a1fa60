// The grammar of `channels:`. A new kind needs a folder, a line in each list here and a line in channels.ts; if one of the
// lines is missing, the program does not compile. The files are separate because this one needs all of zod, which Lambda
// does not load.
import * as z from "zod";
import { noticeKinds } from "../kinds/channel.ts";
import { discordSettings } from "./discord/settings.ts";
import { eventbridgeSettings } from "./eventbridge/settings.ts";
import { gotifySettings } from "./gotify/settings.ts";
import { matrixSettings } from "./matrix/settings.ts";
import { ntfySettings } from "./ntfy/settings.ts";
import { pushoverSettings } from "./pushover/settings.ts";
import { slackSettings } from "./slack/settings.ts";
import { smtpSettings } from "./smtp/settings.ts";
import { snsSettings } from "./sns/settings.ts";
import { teamsSettings } from "./teams/settings.ts";
import { telegramSettings } from "./telegram/settings.ts";
import { webhookSettings } from "./webhook/settings.ts";

const kinds = z.strictObject({
  slack: slackSettings.optional().describe("Sends notices to Slack, by an incoming webhook."),
  discord: discordSettings.optional().describe("Sends notices to Discord, by a webhook of a channel."),
  teams: teamsSettings.optional().describe("Sends notices to Microsoft Teams, by a workflow."),
  telegram: telegramSettings.optional().describe("Sends notices to a Telegram chat, by a bot."),
  matrix: matrixSettings.optional().describe("Sends notices to a Matrix room."),
  ntfy: ntfySettings.optional().describe("Sends notices to a topic of ntfy."),
  gotify: gotifySettings.optional().describe("Sends notices to a Gotify server."),
  pushover: pushoverSettings.optional().describe("Sends notices to phones, by Pushover."),
  smtp: smtpSettings.optional().describe("Sends notices by e-mail. Only on one machine; on AWS, use sns."),
  sns: snsSettings.optional().describe("Sends notices to an SNS topic. Only on AWS."),
  eventbridge: eventbridgeSettings.optional().describe("Puts notices on an event bus of EventBridge."),
  webhook: webhookSettings.optional().describe("Sends notices as JSON to a URL."),
});
type Document = z.infer<typeof kinds>;
export type ChannelName = keyof Document;

/** The settings of each kind, with its name, in a list of one if the document has them. */
const readers = {
  slack: ({ slack }) => named("slack", slack),
  discord: ({ discord }) => named("discord", discord),
  teams: ({ teams }) => named("teams", teams),
  telegram: ({ telegram }) => named("telegram", telegram),
  matrix: ({ matrix }) => named("matrix", matrix),
  ntfy: ({ ntfy }) => named("ntfy", ntfy),
  gotify: ({ gotify }) => named("gotify", gotify),
  pushover: ({ pushover }) => named("pushover", pushover),
  smtp: ({ smtp }) => named("smtp", smtp),
  sns: ({ sns }) => named("sns", sns),
  eventbridge: ({ eventbridge }) => named("eventbridge", eventbridge),
  webhook: ({ webhook }) => named("webhook", webhook),
} satisfies { [Name in ChannelName]-?: (document: Document) => { kind: Name }[] };

function named<Kind extends string, Settings extends object>(kind: Kind, settings: Settings | undefined) {
  return settings === undefined ? [] : [{ kind, ...settings }];
}

const names = Object.keys(kinds.shape).map((name) => JSON.stringify(name));

export const noticeKindList = z.array(z.enum(noticeKinds)).min(1);

export const channelSettings = kinds
  .extend({
    on: noticeKindList
      .optional()
      .describe("The notices that it receives. Default: failed, stalled, recovered and approval."),
  })
  .transform(({ on, ...document }, { addIssue, issues }) => {
    const [to, ...more] = Object.values(readers).flatMap((read) => [...read(document)]);
    if (to !== undefined && more.length === 0) return { on, to };
    // An unknown key such as "slak" is reported already, with a hint.
    if (to === undefined && issues.length > 0) return z.NEVER;
    const list = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    addIssue(`expected one of ${list}, found ${to === undefined ? "none" : "more"}`);
    return z.NEVER;
  });

export type ChannelDocument = z.infer<typeof channelSettings>;
export type AnyChannel = ChannelDocument["to"];
/** The settings of a channel, of any kind or of one. */
export type ChannelSettings<Name extends ChannelName = ChannelName> = {
  [Kind in Name]: Extract<AnyChannel, { kind: Kind }> & { kind: Kind };
}[Name];
