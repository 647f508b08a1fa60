// Runs the configured command for a build.
import { join } from "node:path";
import { prepareCommand } from "../../../shared/builders/command/start.ts";
import { splitImageName } from "../../../shared/image/image.ts";
import type { BuildRequest, Commands, TriggerOutcome } from "../../../shared/kinds/builder.ts";
import type { ReadSecret } from "../../../shared/kinds/read-secret.ts";
import type { BuildsSettings } from "../../../shared/pipeline/pipeline.ts";
import { type Build, contextOf } from "./build-files.ts";

/** A build is a run of a single step, in the words of commands. */
export const buildStep = "build";
export const keyOf = (id: string) => ({ runId: id, step: buildStep, attempt: 1 });

export type RunContext = {
  settings: BuildsSettings;
  data: string;
  readSecret: ReadSecret;
  commands: Commands;
};

export async function runBuild(
  { id, image: name }: Build,
  { settings, data, readSecret, commands }: RunContext,
): Promise<TriggerOutcome> {
  const image = splitImageName(name);
  const context = contextOf(data, id);
  const dockerfile = join(context, "Dockerfile");
  const values = { image: name, ...image, build: id, context, dockerfile };
  const ready = await prepareCommand(settings.command, new Map(Object.entries(values)), readSecret);
  if ("kind" in ready) return ready;
  const build: BuildRequest = {
    ...keyOf(id),
    pipeline: "",
    tags: [],
    parameters: {},
    bases: [],
    image,
    timeoutMs: settings.timeoutMs,
  };
  return commands.run(ready, build);
}
