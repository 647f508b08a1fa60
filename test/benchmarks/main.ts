// `npm run bench`: measures what the program costs, compared with the machine's limit and with alternatives.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../shared/log.ts";
import { root } from "../stand-ins/program.ts";
import { measureColdStart, tellColdStart } from "./cold-start.ts";
import { measureConfigured, reportConfigured } from "./cold-start-configured.ts";
import { measureCost, reportCost } from "./cost.ts";
import { describeRun } from "./describe-run.ts";
import { measureFleet, reportFleet } from "./fleet.ts";
import { measureGrowth, reportGrowth } from "./growth.ts";
import { measureLatency, reportLatency } from "./latency.ts";
import { measureMemory, reportMemory } from "./memory.ts";
import { asMarkdown, asText, writeDocument } from "./report.ts";
import type { Section } from "./section.ts";
import { measureStart, reportStart } from "./start.ts";
import { measureStepGrowth, reportStepGrowth } from "./step-growth.ts";
import { measureThroughput, reportThroughput } from "./throughput.ts";
import { measureWebhookProfile, reportWebhookProfile } from "./webhook-profile.ts";

type Part = { measure: () => Promise<{ figures: unknown; section: Section }> };

function part<Figures>(measure: () => Promise<Figures>, report: (figures: Figures) => Section): Part {
  return {
    measure: async () => {
      const figures = await measure();
      return { figures, section: report(figures) };
    },
  };
}

const parts: ReadonlyMap<string, Part> = new Map([
  ["latency", part(measureLatency, reportLatency)],
  ["webhook-profile", part(measureWebhookProfile, reportWebhookProfile)],
  ["throughput", part(measureThroughput, reportThroughput)],
  ["start", part(measureStart, reportStart)],
  ["cold-start", part(measureColdStart, tellColdStart)],
  ["cold-start-configured", part(measureConfigured, reportConfigured)],
  ["growth", part(measureGrowth, reportGrowth)],
  ["steps", part(measureStepGrowth, reportStepGrowth)],
  ["cost", part(measureCost, reportCost)],
  ["fleet", part(measureFleet, reportFleet)],
  ["memory", part(measureMemory, reportMemory)],
]);

const partsOnAws = new Set(["cold-start", "cold-start-configured", "cost"]);

const usage = `npm run bench -- [part...] [options]

Measures what the program costs and prints tables with ratios. All parts take about ten minutes, on a machine that
should be idle otherwise. Parts: ${[...parts.keys()].join(", ")}. Default: all.

  --json     print the figures as JSON (npm run --silent bench -- --json)
  --write    write docs/performance.md; measures all parts
  --help     show this help`;

async function main(): Promise<void> {
  const { json, write, names } = readArguments(process.argv.slice(2));
  const chosen = [...parts].filter(([name]) => names.length === 0 || names.includes(name));
  // Installs AWS's own runtime client and engine.
  if (chosen.some(([name]) => partsOnAws.has(name))) {
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
      throw new Error("expected no parts with --write; it measures all of them");
    return { json: values.json, write: values.write, names: positionals };
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n\n${usage}\n`);
    process.exit(2);
  }
}

await main();
