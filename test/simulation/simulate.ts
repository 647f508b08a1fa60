// `npm run simulate`: many simulated worlds from a seed, and the shortest history of the first that violates something.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { shrink } from "./shrink.ts";
import type { Report } from "./worker.ts";
import { runWorld } from "./world.ts";

const usage = `Usage: npm run simulate -- [options]

  --runs N     how many worlds are simulated               (10000)
  --seed S     the seed that they all follow from          (one drawn now)
  --world W    one world instead, with all that happens in it`;

// Whoever reads may have seen enough.
process.stdout.on("error", () => process.exit(1));
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "10000" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      world: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    say(usage);
    return 0;
  }
  if (values.world !== undefined) {
    const { violation } = await runWorld({ seed: readNumber("--world", values.world), say });
    return violation === null ? 0 : 1;
  }
  return simulate(readNumber("--runs", values.runs), readNumber("--seed", values.seed));
}

async function simulate(runs: number, seed: number): Promise<number> {
  const startedAt = performance.now();
  const workers = Math.max(1, Math.min(availableParallelism(), 8));
  const total: Report = { worlds: 0, runs: 0, triggers: 0, faults: 0, violated: null };
  const enough = new AbortController();
  const shares = Array.from({ length: workers }, (_, first) =>
    work({ seed, runs, first, step: workers }, enough, (report) => {
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
  say(`seed ${seed}: ${worlds} worlds with ${total.runs} runs, ${triggers} triggers and ${faults} faults`);
  say(`${violated === null ? "no violation" : "a violation"}; ${seconds} s on ${workers} processors`);
  if (violated === null) return 0;
  say(`world ${violated.world}: ${violated.violation}`);
  await tellShortest(violated.world);
  return 1;
}

async function tellShortest(world: number): Promise<void> {
  say(`\nThe shortest history of world ${world} that was found:\n`);
  const held = await shrink(world);
  await runWorld({ seed: world, isHeldBack: (ordinal) => held.has(ordinal), say });
  say(`\nAll of it: npm run simulate -- --world ${world}`);
  say("Once it is mended, the defect belongs into test/simulation/mutants.ts, with this world.");
}

type Share = { seed: number; runs: number; first: number; step: number };

/** Ends with its share, or once any of the workers has found a violation. */
function work(workerData: Share, enough: AbortController, onReport: (report: Report) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData });
    enough.signal.addEventListener("abort", () => void worker.terminate());
    worker.on("message", (report: Report) => {
      onReport(report);
      if (report.violated !== null) enough.abort();
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
  process.stderr.write(`${error instanceof Error ? error.message : "unknown error"}\n\n${usage}\n`);
  return 2;
});
