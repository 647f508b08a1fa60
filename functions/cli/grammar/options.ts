// Options and arguments that several commands share.
import { Option } from "@commander-js/extra-typings";
import { defaultStackName } from "../../../shared/settings.ts";
import type { ExitCode } from "../cli-error.ts";
import { defaultConfig, defaultUrl } from "../defaults.ts";

/** Receives the exit code of the command that ran. */
export type End = (exitCode: ExitCode) => void;

export const url = new Option("--url <url>", `address of Tagrelay (default: TAGRELAY_URL, or ${defaultUrl})`);
export const token = new Option(
  "--token <token>",
  "API token; prefer TAGRELAY_API_TOKEN, because other users can see arguments",
);
export const json = new Option("--json", "print JSON");
export const config = new Option("--config <file>", "configuration file").default(defaultConfig);
export const stack = new Option("--stack <name>", "CloudFormation stack, or the name of a construct").default(
  defaultStackName,
);
export const watch = new Option("--watch", "watch the run until it ends");
export const runOrPipeline = "ID of a run, or name of a pipeline, which means its last run";
