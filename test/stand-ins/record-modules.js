// Preloaded by a test with `node --import`: when the program says that it listens, writes what it has loaded until then to the
// file in MODULES_FILE, a URL a line.
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

const loaded = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text, ...others) => {
  if (String(text).includes("tagrelay listening on"))
    writeFileSync(process.env.MODULES_FILE, loaded.join("\n"));
  return write(text, ...others);
};
