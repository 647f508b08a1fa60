// The commands that save the state to a file, and restore it from there.
import { type Command, Option } from "@commander-js/extra-typings";
import { defaultDataFolder } from "../../start-options.ts";
import type { Io } from "../io.ts";
import type { End } from "./options.ts";

export function addBackupCommands(program: Command, io: Io, end: End): void {
  program.commandsGroup("State:");
  const data = new Option("--data <dir>", "folder with the state of the local program").default(
    defaultDataFolder(io.env),
  );
  const table = new Option("--table <name>", "DynamoDB table, in place of a folder");
  const endpoint = new Option("--dynamodb-endpoint <url>", "with --table, another DynamoDB than that of AWS");
  program
    .command("backup")
    .description("save all states and past runs to a file, also while the program runs")
    .argument("<file>", "the file to write")
    .addOption(data)
    .addOption(table)
    .addOption(endpoint)
    .addHelpText("after", backupHelp)
    .action(async (file, options) =>
      end(await (await import("../commands/backup.ts")).backUp(io, file, options)),
    );
  program
    .command("restore")
    .description("restore a backup to a folder without a state, or to a table")
    .argument("<file>", "file of tagrelay backup")
    .addOption(data)
    .addOption(table)
    .addOption(endpoint)
    .addHelpText("after", restoreHelp)
    .action(async (file, options) =>
      end(await (await import("../commands/restore.ts")).restore(io, file, options)),
    );
}

const backupHelp = `
The file has lines of JSON: the states of the pipelines, past runs, and the
secrets that the local program generated. Keep it as safe as those. It has no
output of commands, and nothing of simulated runs.

A folder is saved as it was at one moment, a table item by item: if runs are
active meanwhile, items may be of different moments.

The table of a stack is its output TableName. AWS_REGION and AWS_PROFILE are read.`;

const restoreHelp = `
Nothing is ever replaced: a folder must not have a state, and items that a table
has already are left as they are. If it was interrupted, run it again.

To move to AWS: stop the local program, then
  tagrelay backup state.jsonl && tagrelay restore state.jsonl --table NAME

Exit codes: 0 if all is restored, 1 if a table has other items under the same keys.`;
