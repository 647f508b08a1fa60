// Runs one command and waits for its end, so that a test can kill it. Arguments: a data folder, the command line and,
// optionally, `close` to close at once.
import { createCommands } from "../../functions/local/commands/commands.ts";
import { build } from "./trigger-context.ts";

const [data = "", run = "", then = ""] = process.argv.slice(2);
const commands = createCommands({
  data,
  environment: { PATH: process.env.PATH },
  report: async () => void process.stdout.write("reported\n"),
  log: () => undefined,
});
const outcome = await commands.run({ run, directory: null, environment: {}, secrets: [] }, build);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
if (then === "close") await commands.close();
