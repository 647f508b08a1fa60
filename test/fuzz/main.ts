// `npm run fuzz`: sends generated requests to the real program and prints a summary.
import { parseArgs } from "node:util";
import { type FuzzResult, fuzz, type Problem } from "./fuzz.ts";

const maxGrowthBytes = 128 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    /** The number of the first request; with `--requests 1`, only that request. */
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
const { grownBytes, problems } = result;
if (grownBytes.end > maxGrowthBytes) {
  problems.push({ what: "memory grew too much", index: null, bytes: Buffer.alloc(0) });
}
process.stdout.write(`${[...formatSummary(result), ...formatProblems(problems)].join("\n")}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function formatSummary({ answers, kinds, seconds, logLines }: FuzzResult): string[] {
  const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
  const list = (counts: Map<string, number>) =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`);
  return [
    `${options.requests} requests, seed ${options.seed}, in ${seconds.toFixed(1)} s`,
    "sent:",
    ...list(kinds),
    "answered (cut: connection closed without an answer; none: malformed, no answer yet):",
    ...list(answers),
    `${logLines} log lines checked`,
    `memory growth after the warm-up: at most ${megabytes(grownBytes.most)}, ${megabytes(grownBytes.end)} at the end`,
  ];
}

function formatProblems(found: readonly Problem[]): string[] {
  if (found.length === 0) return ["no problem found"];
  const kinds = Map.groupBy(found, ({ what }) => what);
  const lines = [...kinds].slice(0, 10).map(([what, all]) => `  ${String(all.length).padStart(7)}  ${what}`);
  const [shortest] = found
    .filter(({ index }) => index !== null)
    .sort((a, b) => a.bytes.length - b.bytes.length);
  return [
    `${found.length} problems with seed ${options.seed}:`,
    ...lines,
    ...(shortest === undefined ? [] : formatExample(shortest)),
  ];
}

function formatExample({ what, index, bytes }: Problem): string[] {
  return [
    `shortest request (${what}); repeat it with --seed ${options.seed} --first ${index} --requests 1:`,
    JSON.stringify(bytes.toString("latin1").slice(0, 2_000)),
  ];
}
