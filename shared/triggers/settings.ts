// What a step's trigger may say in tagrelay.yaml: each kind of trigger is one line here, one in start-build.ts, and one
// folder beside this file. It takes two lines because this file, with zod, stays out of what runs on Lambda.
import * as z from "zod";
import { oneOf } from "../core/forms.ts";
import { commandSettings } from "./command/settings.ts";
import { dockerhubSettings } from "./dockerhub/settings.ts";
import { githubSettings } from "./github/settings.ts";
import { gitlabSettings } from "./gitlab/settings.ts";
import { httpSettings } from "./http/settings.ts";

const kinds = [
  z.strictObject({ dockerhub: dockerhubSettings }),
  z.strictObject({ github: githubSettings }),
  z.strictObject({ gitlab: gitlabSettings }),
  z.strictObject({ http: httpSettings }),
  z.strictObject({ command: commandSettings }),
] as const;

const words = kinds.map(({ shape }) => `{ ${Object.keys(shape)}: … }`);

export const triggerSettings = oneOf(`a trigger: ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`, kinds);

export type TriggerSettings = z.infer<typeof triggerSettings>;

type ShapeOf<T> = T extends unknown ? keyof T : never;
export type TriggerName = ShapeOf<TriggerSettings>;
/** The settings of each kind by its name. */
export type SettingsByName = {
  [Name in TriggerName]: Extract<TriggerSettings, Record<Name, unknown>>[Name];
};
