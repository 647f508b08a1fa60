// `npm run fuzz`: made-up requests to the real program, as many as are asked for, and on one screen what came of them.
import { parseArgs } from "node:util";
import { type FuzzResult, fuzz, type Offence } from "./fuzz.ts";

const growAtMostBytes = 128 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    /** Where to begin: with `--requests 1`, one request alone. */
    first: { type: "string", default: "0" },
  },
});
const options = {
  requests: readNumber("requests", values.requests),
  seed: readNumber("seed", values.seed),
  first: readNumber("first", values.first),
};

function readNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`expected --${name} to be a whole number, found ${JSON.stringify(text)}`);
}

const result = await fuzz(options);
const { grownBytes, offences } = result;
if (grownBytes.end > growAtMostBytes) {
  offences.push({ what: "memory has grown without bound", index: null, bytes: Buffer.alloc(0) });
}
process.stdout.write(`${[...summarise(result), ...complain(offences)].join("\n")}\n`);
process.exitCode = offences.length === 0 ? 0 : 1;

function summarise({ answers, kinds, seconds, logLines }: FuzzResult): string[] {
  const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
  const list = (counts: Map<string, number>) =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`);
  return [
    `${options.requests} requests, seed ${options.seed}, in ${seconds.toFixed(1)} s`,
    "sent:",
    ...list(kinds),
    "answered (cut: the connection was ended before; none: broken, and not answered at once):",
    ...list(answers),
    `${logLines} lines of the log, each looked at`,
    `memory after the warm-up: ${megabytes(grownBytes.most)} more at most, ${megabytes(grownBytes.end)} more at the end`,
  ];
}

function complain(found: readonly Offence[]): string[] {
  if (found.length === 0) return ["nothing went wrong"];
  const kinds = Map.groupBy(found, ({ what }) => what);
  const lines = [...kinds].slice(0, 10).map(([what, all]) => `  ${String(all.length).padStart(7)}  ${what}`);
  const [shortest] = found
    .filter(({ index }) => index !== null)
    .sort((a, b) => a.bytes.length - b.bytes.length);
  return [
    `${found.length} times something went wrong, with seed ${options.seed}:`,
    ...lines,
    ...(shortest === undefined ? [] : explain(shortest)),
  ];
}

function explain({ what, index, bytes }: Offence): string[] {
  return [
    `the shortest request for it (${what}); again with --seed ${options.seed} --first ${index} --requests 1:`,
    JSON.stringify(bytes.toString("latin1").slice(0, 2_000)),
  ];
}
