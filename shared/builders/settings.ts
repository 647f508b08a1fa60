// The grammar of `trigger:`. A new kind needs a folder, a line here and a line in builders.ts; if one of the lines is
// missing, the program does not compile. The files are separate because this one needs all of zod, which Lambda does not
// load.
import * as z from "zod";
import { oneOf } from "../validation/forms.ts";
import type { ApprovalSettings } from "./approval.ts";
import { codebuildSettings } from "./codebuild/settings.ts";
import { commandSettings } from "./command/settings.ts";
import { dockerhubSettings } from "./dockerhub/settings.ts";
import { githubSettings } from "./github/settings.ts";
import { gitlabSettings } from "./gitlab/settings.ts";
import { httpSettings } from "./http/settings.ts";

const kinds = [
  z
    .strictObject({ dockerhub: dockerhubSettings.describe("Starts an automated build on Docker Hub.") })
    .transform((found) => named("dockerhub", found.dockerhub)),
  z
    .strictObject({
      github: githubSettings.describe("Dispatches a workflow of GitHub Actions, or an event."),
    })
    .transform((found) => named("github", found.github)),
  z
    .strictObject({ gitlab: gitlabSettings.describe("Starts a pipeline of GitLab CI.") })
    .transform((found) => named("gitlab", found.gitlab)),
  z
    .strictObject({ http: httpSettings.describe("Sends an HTTP request that starts a build.") })
    .transform((found) => named("http", found.http)),
  z
    .strictObject({
      command: commandSettings.describe("Runs a command on the machine of the local program."),
    })
    .transform((found) => named("command", found.command)),
  z
    .strictObject({ codebuild: codebuildSettings.describe("Starts a build of a project of AWS CodeBuild.") })
    .transform((found) => named("codebuild", found.codebuild)),
] as const;

function named<Kind extends string, Settings extends object>(kind: Kind, settings: Settings) {
  return { kind, ...settings };
}

const words = kinds.map((kind) => `{ ${Object.keys(kind.in.shape)}: … }`);

export const triggerSettings = oneOf(`a trigger: ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`, kinds);

/** A gate without a trigger waits for an approval, which is not written as one. */
export type AnyTrigger = z.infer<typeof triggerSettings> | ApprovalSettings;
export type BuilderName = AnyTrigger["kind"];
/** The settings of a trigger, of any kind or of one. */
export type TriggerSettings<Name extends BuilderName = BuilderName> = {
  [Kind in Name]: Extract<AnyTrigger, { kind: Kind }> & { kind: Kind };
}[Name];
