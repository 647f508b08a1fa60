// A program that runs one command and waits for its end, to be killed before, or closes: its arguments are a data folder,
// the command line and, in the second case, "close".
import { createCommands } from "../../functions/local/commands/commands.ts";
import { build } from "./trigger-context.ts";

const [data = "", run = "", then = ""] = process.argv.slice(2);
const commands = createCommands({
  data,
  environment: { PATH: process.env.PATH },
  report: async () => void process.stdout.write("told\n"),
  log: () => undefined,
});
const outcome = await commands.run({ run, directory: null, environment: {}, secrets: [] }, build);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
if (then === "close") await commands.close();
