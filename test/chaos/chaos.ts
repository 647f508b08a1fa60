// `npm run chaos`: kills the program at random, hundreds of times, and counts lost and repeated triggers.
import { parseArgs } from "node:util";
import { formatFindings, formatViolations } from "./report.ts";
import { runChaos } from "./run-chaos.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: "500" },
      seed: { type: "string", default: "1" },
      pipelines: { type: "string", default: "48" },
      "late-percent": { type: "string", default: "0" },
    },
  });
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const findings = await runChaos({
    kills: readCount("--kills", values.kills),
    seed: readCount("--seed", values.seed),
    pipelines: readCount("--pipelines", values.pipelines),
    lateShare: readCount("--late-percent", values["late-percent"]) / 100,
    maxPauseMs: 2_500,
    // The longest leaves time to look up a trigger with an unknown outcome before the step times out.
    timeoutsSeconds: [30, 20, 45, 20, 60, 90],
    print,
  });
  for (const line of [...formatFindings(findings), ...formatViolations(findings)]) print(line);
  if (findings.violations.length > 0) process.exitCode = 1;
}

function readCount(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`expected ${flag} to be a whole number, found ${JSON.stringify(text)}`);
}

await main();
