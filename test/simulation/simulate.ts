// `npm run simulate`: runs many simulated worlds, and prints the shortest history of the first violation.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../shared/log.ts";
import { loadWorld } from "./load-world.ts";
import { shrink } from "./shrink.ts";
import type { Report, Share } from "./worker.ts";

const usage = `Usage: npm run simulate -- [options]

  --runs N     how many worlds to simulate               (10000)
  --seed S     the seed that all worlds derive from      (random)
  --world W    only this world, with its full history
  --mutant M   with a defect of test/simulation/mutants.ts`;

// The reader of a pipe may have seen enough.
process.stdout.on("error", () => process.exit(1));
const print = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "10000" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      world: { type: "string" },
      mutant: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    print(usage);
    return 0;
  }
  const mutant = values.mutant ?? null;
  if (values.world !== undefined) {
    const seed = readNumber("--world", values.world);
    const runWorld = await loadWorld(mutant);
    const { violation } = await runWorld({ seed, print });
    return violation === null ? 0 : 1;
  }
  return simulate(readNumber("--runs", values.runs), readNumber("--seed", values.seed), mutant);
}

async function simulate(runs: number, seed: number, mutant: string | null): Promise<number> {
  const startedAt = performance.now();
  const workers = Math.max(1, Math.min(availableParallelism(), 8));
  const total: Report = { worlds: 0, runs: 0, triggers: 0, faults: 0, violated: null };
  const found = new AbortController();
  const shares = Array.from({ length: workers }, (_, first) =>
    runShare({ seed, runs, first, step: workers, mutant }, found, (report) => {
      total.worlds += report.worlds;
      total.runs += report.runs;
      total.triggers += report.triggers;
      total.faults += report.faults;
      total.violated ??= report.violated;
      if (process.stdout.isTTY) process.stdout.write(`\r${total.worlds} of ${runs} worlds`);
    }),
  );
  await Promise.all(shares);
  if (process.stdout.isTTY) process.stdout.write("\r");
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { worlds, triggers, faults, violated } = total;
  print(`seed ${seed}: ${worlds} worlds with ${total.runs} runs, ${triggers} triggers and ${faults} faults`);
  print(`${violated === null ? "no violation" : "a violation"}; ${seconds} s on ${workers} processors`);
  if (violated === null) return 0;
  print(`world ${violated.world}: ${violated.violation}`);
  await printShortestHistory(violated.world, mutant);
  return 1;
}

async function printShortestHistory(world: number, mutant: string | null): Promise<void> {
  print(`\nThe shortest history of world ${world} that was found:\n`);
  const runWorld = await loadWorld(mutant);
  const suppressed = await shrink(runWorld, world);
  await runWorld({ seed: world, isSuppressed: (ordinal) => suppressed.has(ordinal), print });
  print(
    `\nFull history: npm run simulate -- --world ${world}${mutant === null ? "" : ` --mutant "${mutant}"`}`,
  );
  if (mutant === null) print("Once fixed, add the defect to test/simulation/mutants.ts, with this world.");
}

/** Ends with its share, or as soon as any worker has found a violation. */
function runShare(
  workerData: Share,
  found: AbortController,
  onReport: (report: Report) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData });
    found.signal.addEventListener("abort", () => void worker.terminate());
    worker.on("message", (report: Report) => {
      onReport(report);
      if (report.violated !== null) found.abort();
    });
    worker.on("error", reject);
    worker.on("exit", () => resolve());
  });
}

function readNumber(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  process.stderr.write(`expected ${flag} to be a whole number, found ${JSON.stringify(text)}\n\n${usage}\n`);
  process.exit(2);
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n\n${usage}\n`);
  return 2;
});
