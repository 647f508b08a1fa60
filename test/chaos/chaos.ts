// `npm run chaos`: kills the program at random, hundreds of times, and counts what is lost and what is repeated.
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
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const findings = await runChaos({
    kills: readCount("--kills", values.kills),
    seed: readCount("--seed", values.seed),
    pipelines: readCount("--pipelines", values.pipelines),
    lateShare: readCount("--late-percent", values["late-percent"]) / 100,
    // The last leaves a trigger of unknown outcome the time to be looked up before its own time is up.
    timeoutsSeconds: [30, 20, 45, 20, 60, 90],
    say,
  });
  for (const line of [...formatFindings(findings), ...formatViolations(findings)]) say(line);
  if (findings.violations.length > 0) process.exitCode = 1;
}

function readCount(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`expected ${flag} to be a whole number, found ${JSON.stringify(text)}`);
}

await main();
