// The commands for a deployment on AWS.
import type { Command } from "@commander-js/extra-typings";
import { ownSecretNames } from "../../../shared/settings.ts";
import { defaultDataFolder } from "../../start-options.ts";
import type { Io } from "../io.ts";
import { config, type End, json, stack, token, url } from "./options.ts";

export function addDeploymentCommands(program: Command, io: Io, end: End): void {
  const secret = program
    .commandsGroup("On AWS:")
    .command("secret")
    .description("store the secrets of a deployment")
    .usage("COMMAND")
    .helpCommand(false);
  secret
    .command("set")
    .description("store a secret of a stack; prompts for the value, or reads it from a pipe")
    .argument("<name>", `${Object.values(ownSecretNames).join(", ")}, or a secret that tagrelay.yaml names`)
    .addOption(stack)
    .action(async (name, options) => end(await (await import("../secret.ts")).setSecret(io, name, options)));
  program
    .command("doctor")
    .description("check a deployment, or with --local the program on this machine")
    .option("--local", "check the program on this machine, its data folder and its secrets")
    .option("--data <dir>", "with --local, the folder for its state", defaultDataFolder(io.env))
    .addOption(url)
    .addOption(token)
    .addOption(stack)
    .addOption(config)
    .addOption(json)
    .action(async (options) => end(await (await import("../doctor.ts")).doctor(io, options)));
}
