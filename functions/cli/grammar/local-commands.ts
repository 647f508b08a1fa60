// The commands that need no running Tagrelay.
import { type Command, Option } from "@commander-js/extra-typings";
import { defaultConfig } from "../defaults.ts";
import { kinds } from "../import/recognise-kind.ts";
import { triggerKinds } from "../import/trigger/trigger-kinds.ts";
import type { Io } from "../io.ts";
import { moveKinds } from "../move/move-kinds.ts";
import { config, type End, json } from "./options.ts";

export function addLocalCommands(program: Command, io: Io, end: End): void {
  program
    .commandsGroup("On this machine:")
    .command("start")
    .description("run the pipelines on this machine; `tagrelay start --help` lists the options")
    .argument("[options...]")
    .usage("[options]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args) => {
      const { exitWithMessage, runLocalProgram } = await import("../../local/run.ts");
      await runLocalProgram(args, "tagrelay start").catch(exitWithMessage);
    });
  program
    .command("validate")
    .description("check a configuration and list all its problems")
    .argument("[file]", "configuration file", defaultConfig)
    .addOption(json)
    .action(async (file, options) =>
      end((await import("../commands/validate.ts")).validate(io, file, options)),
    );
  program
    .command("graph")
    .description("show the steps of a configuration in build order")
    .argument("[pipeline]", "show only this pipeline")
    .addOption(config)
    .option("--mermaid", "print a Mermaid flowchart, which GitHub renders")
    .addOption(json)
    .action(async (pipeline, options) =>
      end((await import("../commands/graph.ts")).graph(io, pipeline, options)),
    );
  program
    .command("stale")
    .description("list the images that do not stand on what their bases are now")
    .argument(...imagesPath)
    .addOption(imagesConfig)
    .addOption(namespace)
    .addOption(tag)
    .addOption(json)
    .addHelpText("after", staleHelp)
    .action(async (path, options) =>
      end(await (await import("../commands/stale.ts")).stale(io, path, options)),
    );
  program
    .command("why")
    .description("show whether an image is fresh, and what tells so, down to its last base")
    .argument("<image>", "image, such as acme/api:latest")
    .argument(...imagesPath)
    .addOption(imagesConfig)
    .addOption(namespace)
    .addOption(tag)
    .addOption(json)
    .action(async (image, path, options) =>
      end(await (await import("../commands/why.ts")).why(io, image, path, options)),
    );
  program
    .command("affected")
    .description("list the images that a new version of an image would build again")
    .argument("<image>", "image, or a base from elsewhere, such as debian:bookworm-slim")
    .argument(...imagesPath)
    .addOption(imagesConfig)
    .addOption(namespace)
    .addOption(tag)
    .addOption(json)
    .action(async (image, path, options) =>
      end(await (await import("../commands/affected.ts")).affected(io, image, path, options)),
    );
  program
    .command("import")
    .description("print a tagrelay.yaml made from existing build files")
    .argument("<path>", "file or folder to import; - reads standard input")
    .addOption(namespace)
    .addOption(tag)
    .addOption(new Option("--from <kind>", "kind of PATH, if it is not recognised").choices(kinds))
    .option("--with-tests", "also Dockerfiles of tests, examples and development")
    .addOption(
      new Option(
        "--trigger <kind>",
        "what builds the images; all that a build needs is in the trigger",
      ).choices(triggerKinds),
    )
    .option("--repository <name>", "repository of the Dockerfiles, for all --trigger but command")
    .option("--workflow <file>", "where the workflow is written; for codebuild, its buildspec")
    .addHelpText("after", importHelp)
    .action(async (path, options) =>
      end(await (await import("../import.ts")).importConfig(io, path, options)),
    );
  addMove(program, io, end);
}

function addMove(program: Command, io: Io, end: End): void {
  const each = (value: string, before: string[] | undefined) => [...(before ?? []), value];
  program
    .command("move")
    .description("move images off Docker Hub's builds: write tagrelay.yaml, workflows and checklists")
    .argument("[files...]", "saved build settings: JSON of Docker Hub's API, or a HAR of the Builds page")
    .addOption(
      new Option(
        "--account <name>",
        "read the settings of this account from Docker Hub; repeatable",
      ).argParser(each),
    )
    .addOption(
      new Option(
        "--source <repository=folder>",
        "checkout of a repository with Dockerfiles; repeatable",
      ).argParser(each),
    )
    .addOption(
      new Option("--trigger <kind>", "what builds the images").choices(moveKinds).default("github" as const),
    )
    .option("--out <folder>", "where the files are written", "moved")
    .option("--branch <name>", "commit to a new branch of each checkout instead, which you push")
    .option("--dry-run", "write nothing; compare the layers of each tag with those of its trial tag")
    .option("--trial <suffix>", "what trial tags end with", "-trial")
    .option("--hub-url <url>", "use this server in place of Docker Hub")
    .option("--registry-url <url>", "use this server in place of Docker Hub's registry")
    .addHelpText("after", moveHelp)
    .action(async (files, options) => end(await (await import("../move.ts")).move(io, files, options)));
}

const imagesPath = [
  "[path]",
  "configuration, or folder with Dockerfiles (default: tagrelay.yaml, or this folder)",
] as const;
const imagesConfig = new Option("--config <file>", "configuration file");
const namespace = new Option(
  "--namespace <name>",
  "namespace of images whose names have none, such as acme or quay.io/acme",
);
const tag = new Option("--tag <tag>", "tag of images whose names have no tag (default: latest)");

const staleHelp = `
Needs no server, no webhook and no secret: it reads public registries. For
private images, log in by "registries" in tagrelay.yaml.

Exit codes: 0 if all are fresh, 1 if any is stale or behind, 2 if no image is,
but some could not be judged.`;

const importHelp = `
PATH is a folder, or one of: a bake file (HCL or JSON), a compose file,
IMAGES.json (of corpusops), config.py (of dockerhub-trigger-propagate), a
crontab with dh-trigger or curl. Of a folder, Dockerfiles, bake files, GitHub
workflows, compose files, Makefiles, scripts, IMAGES.json and config.py are read.

--trigger github and gitlab also write the workflow: to .github/workflows/image.yml
or .gitlab-ci.yml of PATH, unless --workflow names another file. --trigger
codebuild also writes "codebuild:", of which the stack on AWS makes the projects.

A summary and notes go to standard error. Tokens and trigger URLs are never
printed.

Exit codes: 0 if the result can be used, 1 if something is left to decide (lines
with "to decide"), 2 if nothing could be imported.`;

const moveHelp = `
To save the settings: open the Builds page of each repository at Docker Hub,
"Configure automated builds", with the browser's network tab open, reload it,
and save all as HAR. A HAR has your session: delete it afterwards.

--account reads them from Docker Hub's undocumented API, with the login in
DOCKERHUB_USERNAME and DOCKERHUB_TOKEN. The login is not stored.

Example:
  tagrelay move acme.har --source acme/base=./base --source acme/web=./web

Exit codes: 0 if all is moved, 1 if something is left to decide (lines with "to
decide", also in the checklists), 2 if nothing could be moved. With --dry-run:
0 if no trial differs, 1 if one does, 2 if some could not be compared.`;
