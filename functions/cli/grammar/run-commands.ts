// The commands that talk to a running Tagrelay.
import { type Command, Option } from "@commander-js/extra-typings";
import { registryWebhookKinds } from "../../../shared/kinds/registry.ts";
import type { Io } from "../io.ts";
import { type End, json, runOrPipeline, token, url, watch } from "./options.ts";

export function addRunCommands(program: Command, io: Io, end: End): void {
  program.commandsGroup("Pipelines and runs:");
  addOverviews(program, io, end);
  addRunControl(program, io, end);
  addOutputAndReplay(program, io, end);
  addNotify(program, io, end);
}

function addOverviews(program: Command, io: Io, end: End): void {
  program
    .command("list")
    .description("list the pipelines with their last runs and next starts")
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (options) => end(await (await import("../commands/list.ts")).list(io, options)));
  program
    .command("show")
    .description("show a pipeline with its steps and last runs, or a run with its log")
    .argument("<pipeline|run>", "name of a pipeline, or ID of a run")
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (name, options) =>
      end(await (await import("../commands/show.ts")).show(io, name, options)),
    );
}

function addRunControl(program: Command, io: Io, end: End): void {
  program
    .command("run")
    .description("start a run")
    .argument("<pipeline>", "name of the pipeline")
    .option("--from <step>", "start at this step (default: the whole pipeline)")
    .option(
      "--set <name=value>",
      "give the run a parameter; may be repeated",
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .option("--only-stale", "build only what does not stand on what its bases are now")
    .addOption(watch)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (name, options) =>
      end(await (await import("../commands/change-run.ts")).startRun(io, name, options)),
    );
  program
    .command("watch")
    .description("show the progress of a run; the exit code says how it ended")
    .argument("[run|pipeline]", `${runOrPipeline} (default: all active runs)`)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (target, options) =>
      end(await (await import("../commands/watch.ts")).watch(io, target, options)),
    );
  program
    .command("retry")
    .description("continue a failed or cancelled run; finished steps are not built again")
    .argument("<run|pipeline>", runOrPipeline)
    .addOption(watch)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (target, options) =>
      end(await (await import("../commands/change-run.ts")).retryRun(io, target, options)),
    );
  program
    .command("approve")
    .description("let a gate of a run pass")
    .argument("<run|pipeline>", runOrPipeline)
    .argument("<step>", "name of the gate")
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (target, step, options) =>
      end(await (await import("../commands/change-run.ts")).approveGate(io, target, step, options)),
    );
  program
    .command("rollback")
    .description("point the tags that a run pushed back to what they pointed to before")
    .argument("<run|pipeline>", runOrPipeline)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (target, options) =>
      end(await (await import("../commands/rollback.ts")).rollBack(io, target, options)),
    );
  program
    .command("cancel")
    .description("end a run; stops its commands and builds of CodeBuild, but no others")
    .argument("<run|pipeline>", runOrPipeline)
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (target, options) =>
      end(await (await import("../commands/change-run.ts")).cancelRun(io, target, options)),
    );
}

function addOutputAndReplay(program: Command, io: Io, end: End): void {
  program
    .command("output")
    .description("print the latest output of a step's command, or of a build")
    .argument("<run|pipeline|build>", `${runOrPipeline}; or ID of a build`)
    .argument("[step]", "name of the step; a build has none")
    .option("-f, --follow", "print what follows, until the step is over; the exit code says how it ended")
    .addOption(url)
    .addOption(token)
    .action(async (target, step, options) =>
      end(await (await import("../commands/output.ts")).output(io, target, step, options)),
    );
  program
    .command("build")
    .description("build and push the image of a Dockerfile on the machine that runs Tagrelay")
    .argument("<image>", "the image to push, such as you/app:1")
    .option("--file <file>", "the Dockerfile; - reads standard input", "Dockerfile")
    .option("-f, --follow", "print its output until it is over; the exit code says how it ended")
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (image, options) =>
      end(await (await import("../commands/build.ts")).build(io, image, options)),
    );
  program
    .command("replay")
    .description("send a saved webhook of a registry, using TAGRELAY_WEBHOOK_SECRET")
    .argument("<file>", "file with the webhook's JSON; - reads standard input")
    .addOption(
      new Option("--kind <kind>", "the registry that sent it")
        .choices(registryWebhookKinds)
        .default("dockerhub"),
    )
    .addOption(url)
    .addOption(json)
    .action(async (file, options) =>
      end(await (await import("../commands/replay.ts")).replay(io, file, options)),
    );
}

function addNotify(program: Command, io: Io, end: End): void {
  program
    .command("notify")
    .description("try out the channels for notices")
    .usage("COMMAND")
    .helpCommand(false)
    .command("test")
    .description("send a test notice to a channel; exits with 1 if it is not delivered")
    .argument("<channel>", "name of the channel in the configuration")
    .addOption(url)
    .addOption(token)
    .addOption(json)
    .action(async (channel, options) =>
      end(await (await import("../commands/notify-test.ts")).notifyTest(io, channel, options)),
    );
}
