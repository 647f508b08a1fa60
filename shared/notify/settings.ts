// What a channel may say in tagrelay.yaml: each kind of channel is one line here, one in create-channels.ts, and one
// folder beside this file. It takes two lines because this file, with zod, stays out of what runs on Lambda.
import * as z from "zod";
import { noticeKinds } from "../core/pipeline.ts";
import { discordSettings } from "./discord/settings.ts";
import { slackSettings } from "./slack/settings.ts";
import { snsSettings } from "./sns/settings.ts";
import { teamsSettings } from "./teams/settings.ts";
import { webhookSettings } from "./webhook/settings.ts";

const kinds = {
  slack: slackSettings,
  discord: discordSettings,
  teams: teamsSettings,
  sns: snsSettings,
  webhook: webhookSettings,
};

const names = Object.keys(kinds).map((name) => JSON.stringify(name));

export const noticeKindList = z.array(z.enum(noticeKinds)).min(1);

export const channelSettings = z
  .strictObject({
    ...z.object(kinds).partial().shape,
    on: noticeKindList.optional().describe("what it is told of; failed, stalled and recovered unless told"),
  })
  .check(({ value: { on, ...found }, issues }) => {
    const count = Object.keys(found).length;
    if (count === 1 || issues.length > 0) return;
    const list = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    const message = `expected one of ${list}, found ${count === 0 ? "none" : "more"}`;
    issues.push({ code: "custom", message, input: found });
  });

export type ChannelDocument = z.infer<typeof channelSettings>;

/** Of one kind, by its name. */
export type ChannelSettings = Omit<ChannelDocument, "on">;

/** The settings of each kind by its name. */
export type ChannelSettingsByName = { [Name in keyof typeof kinds]: z.infer<(typeof kinds)[Name]> };
export type ChannelName = keyof ChannelSettingsByName;
