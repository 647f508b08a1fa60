// `npm run bench`: what the program costs, beside the limit of the machine and beside what people use instead.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../stand-ins/program.ts";
import { measureColdStart, tellColdStart } from "./cold-start.ts";
import { measureCost, tellCost } from "./cost.ts";
import { describeRun } from "./describe-run.ts";
import { measureGrowth, tellGrowth } from "./growth.ts";
import { measureLatency, tellLatency } from "./latency.ts";
import { measureMemory, tellMemory } from "./memory.ts";
import { asMarkdown, asText, writeDocument } from "./report.ts";
import type { Section } from "./section.ts";
import { measureThroughput, tellThroughput } from "./throughput.ts";

type Part = { measure: () => Promise<{ figures: unknown; section: Section }> };

function part<Figures>(measure: () => Promise<Figures>, tell: (figures: Figures) => Section): Part {
  return {
    measure: async () => {
      const figures = await measure();
      return { figures, section: tell(figures) };
    },
  };
}

const parts: ReadonlyMap<string, Part> = new Map([
  ["latency", part(measureLatency, tellLatency)],
  ["throughput", part(measureThroughput, tellThroughput)],
  ["cold-start", part(measureColdStart, tellColdStart)],
  ["growth", part(measureGrowth, tellGrowth)],
  ["cost", part(measureCost, tellCost)],
  ["memory", part(measureMemory, tellMemory)],
]);

const ofAws = new Set(["cold-start", "cost"]);

const usage = `npm run bench -- [part...] [options]

Measures what the program costs, and prints it as tables of ratios: some ten minutes in all, on a machine that
should have nothing else to do. Parts: ${[...parts.keys()].join(", ")}; all of them unless told.

  --json     print the figures as JSON (npm run --silent bench -- --json)
  --write    write docs/performance.md, of all parts
  --help     this`;

async function main(): Promise<void> {
  const { json, write, names } = readArguments(process.argv.slice(2));
  const chosen = [...parts].filter(([name]) => names.length === 0 || names.includes(name));
  // AWS's own runtime client and engine.
  if (chosen.some(([name]) => ofAws.has(name))) {
    execFileSync("bash", [join(root, "test/aws/install.sh")], { stdio: ["ignore", 2, 2] });
  }
  const run = describeRun();
  const all: Record<string, unknown> = {};
  const sections: Section[] = [];
  for (const [name, { measure }] of chosen) {
    process.stderr.write(`measuring ${name}\n`);
    const { figures, section } = await measure();
    all[name] = figures;
    sections.push(section);
  }
  if (write) writeDocument(asMarkdown(run, sections));
  process.stdout.write(json ? `${JSON.stringify({ run, ...all }, null, 2)}\n` : asText(run, sections));
}

function readArguments(args: string[]): { json: boolean; write: boolean; names: string[] } {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { json: flag, write: flag, help: flag },
      allowPositionals: true,
    });
    if (values.help) {
      process.stdout.write(`${usage}\n`);
      process.exit();
    }
    const unknown = positionals.find((name) => !parts.has(name));
    if (unknown !== undefined) {
      throw new Error(`expected parts of ${[...parts.keys()].join(", ")}, found ${JSON.stringify(unknown)}`);
    }
    if (values.write && positionals.length > 0)
      throw new Error("expected all parts with --write, found some");
    return { json: values.json, write: values.write, names: positionals };
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : "unknown"}\n\n${usage}\n`);
    process.exit(2);
  }
}

await main();
