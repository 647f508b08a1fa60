// Starts a step's build by whichever kind of trigger its settings name, and tells what that needs.
import { command } from "./command/run-command.ts";
import { dockerhub } from "./dockerhub/start-build.ts";
import { github } from "./github/dispatch.ts";
import { gitlab } from "./gitlab/start-pipeline.ts";
import { http } from "./http/send-request.ts";
import type { SettingsByName, TriggerName, TriggerSettings } from "./settings.ts";
import type { Build, TriggerContext, TriggerKind, TriggerOutcome } from "./trigger.ts";

/** One that settings.ts knows and this does not, or the other way round, does not compile. */
const kinds: { readonly [Name in TriggerName]: TriggerKind<SettingsByName[Name]> } = {
  dockerhub,
  github,
  gitlab,
  http,
  command,
};

type Bound = {
  start: (build: Build, context: TriggerContext) => Promise<TriggerOutcome>;
  secrets: string[];
  origins: string[];
};

function bind<Name extends TriggerName>(name: Name, settings: Partial<SettingsByName>): Bound | null {
  const own: SettingsByName[Name] | undefined = settings[name];
  if (own === undefined) return null;
  const kind: TriggerKind<SettingsByName[Name]> = kinds[name];
  return {
    start: (build, context) => kind.start(own, build, context),
    secrets: kind.secretsOf(own),
    origins: kind.originsOf(own),
  };
}

function bound(settings: TriggerSettings): Bound {
  for (const name of Object.keys(kinds)) {
    const found = isTriggerName(name) ? bind(name, settings) : null;
    if (found !== null) return found;
  }
  throw new Error(`expected a trigger of a known kind, found ${Object.keys(settings).join(", ") || "none"}`);
}

function isTriggerName(name: string): name is TriggerName {
  return Object.hasOwn(kinds, name);
}

export async function startBuild(
  settings: TriggerSettings,
  build: Build,
  context: TriggerContext,
): Promise<TriggerOutcome> {
  return bound(settings).start(build, context);
}

/** The names of the secrets that a trigger needs. */
export function secretsOf(settings: TriggerSettings): string[] {
  return bound(settings).secrets;
}

/** The origins that these steps' triggers ask beside those that are known to everyone. */
export function originsOf(
  pipelines: readonly { steps: readonly { trigger: TriggerSettings }[] }[],
): string[] {
  return [
    ...new Set(pipelines.flatMap(({ steps }) => steps.flatMap(({ trigger }) => bound(trigger).origins))),
  ];
}
