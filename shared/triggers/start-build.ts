// Starts a step's build by whichever kind of trigger its settings name.
import { startDockerhubBuild } from "./dockerhub/start-build.ts";
import { dispatchGithubWorkflow } from "./github/dispatch-workflow.ts";
import type { TriggerSettings } from "./settings.ts";
import type { Build, TriggerContext, TriggerOutcome } from "./trigger.ts";

export async function startBuild(
  settings: TriggerSettings,
  build: Build,
  context: TriggerContext,
): Promise<TriggerOutcome> {
  if ("dockerhub" in settings) return startDockerhubBuild(settings.dockerhub, build, context);
  return dispatchGithubWorkflow(settings.github, build, context);
}

/** The names of the secrets that a trigger needs. */
export function secretsOf(settings: TriggerSettings): string[] {
  return "dockerhub" in settings ? [settings.dockerhub.secret] : [settings.github.secret];
}
