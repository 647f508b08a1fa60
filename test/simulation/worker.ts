// Simulates one worker's share of the worlds.
import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { seedOf } from "../random.ts";
import { loadWorld } from "./load-world.ts";

const shareSchema = z.object({
  seed: z.int(),
  runs: z.int(),
  first: z.int(),
  step: z.int(),
  mutant: z.nullable(z.string()),
});
export type Share = z.infer<typeof shareSchema>;

export type Report = {
  worlds: number;
  runs: number;
  triggers: number;
  faults: number;
  violated: { world: number; violation: string } | null;
};

const reportEvery = 50;

const share = shareSchema.parse(workerData);
const runWorld = await loadWorld(share.mutant);
let report: Report = emptyReport();
for (let index = share.first; index < share.runs; index += share.step) {
  const world = seedOf(share.seed, index);
  const { violation, runs, triggers, faults } = await runWorld({ seed: world });
  report.worlds += 1;
  report.runs += runs;
  report.triggers += triggers;
  report.faults += faults;
  if (violation !== null) report.violated = { world, violation };
  if (report.worlds === reportEvery || violation !== null) send();
}
send();

function send(): void {
  parentPort?.postMessage(report);
  report = emptyReport();
}

function emptyReport(): Report {
  return { worlds: 0, runs: 0, triggers: 0, faults: 0, violated: null };
}
