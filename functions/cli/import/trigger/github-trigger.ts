// Writes the trigger that dispatches a workflow of GitHub.
import type { ImportedStep } from "../imported.ts";
import type { BuildSettings } from "./build-settings.ts";
import type { HubSettings } from "./hub-steps.ts";

type Trigger = NonNullable<ImportedStep["trigger"]>;

/** `ref` is the branch that the workflow is on. */
export function githubTrigger(
  settings: BuildSettings,
  repository: string,
  workflow: string,
  ref = "main",
): Trigger {
  const { context, file, target, args, platforms, contexts, hub } = settings;
  const inputs: Record<string, string> = {
    image: "{image}",
    context,
    file,
    ...(target === null ? {} : { target }),
    ...(args.length === 0 ? {} : { "build-args": args.join("\n") }),
    ...(contexts.length === 0 ? {} : { "build-contexts": contexts.join("\n") }),
    ...(platforms.length === 0 ? {} : { platforms: platforms.join(",") }),
    ...(hub === undefined ? {} : inputsOf(hub)),
    run: "{run}",
    step: "{step}",
    pins: "{pins}",
  };
  const place = { repository, workflow, ...(ref === "main" ? {} : { ref }) };
  return { github: { ...place, inputs, secret: "GITHUB_TOKEN" } };
}

/** What has no value keeps the default of the workflow. */
export function inputsOf({ source, tags, variables, secrets, hooks, hasTests }: HubSettings) {
  const inputs = {
    source,
    tags: tags.join("\n"),
    variables: variables.join("\n"),
    secrets: secrets.join(","),
    hooks: hooks.join(" "),
    tests: hasTests ? "yes" : "",
  };
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== ""));
}
