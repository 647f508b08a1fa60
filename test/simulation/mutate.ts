// Loaded before the simulation, makes of the program the mutant that the environment names.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { mutants } from "./mutants.ts";

const mutant = mutants.find(({ name }) => name === process.env.MUTANT);
if (mutant === undefined) throw new Error(`expected a mutant, found ${process.env.MUTANT}`);

registerHooks({
  load: (url, context, nextLoad) => {
    const changes = mutant.changes.filter(({ file }) => url.endsWith(`/shared/${file}`));
    if (changes.length === 0) return nextLoad(url, context);
    const source = changes.reduce(
      (text, { file, from, to }) => {
        if (text.split(from).length !== 2) throw new Error(`expected once in ${file}: ${from}`);
        return text.replace(from, () => to);
      },
      readFileSync(new URL(url), "utf8"),
    );
    return { format: "module-typescript", source, shortCircuit: true };
  },
});
