// Runs its share of the worlds of a simulation.
import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { seedOf } from "../random.ts";
import { runWorld } from "./world.ts";

const share = z.object({ seed: z.int(), runs: z.int(), first: z.int(), step: z.int() }).parse(workerData);

export type Report = {
  worlds: number;
  runs: number;
  triggers: number;
  faults: number;
  violated: { world: number; violation: string } | null;
};

const reportEvery = 50;

let report: Report = empty();
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
  report = empty();
}

function empty(): Report {
  return { worlds: 0, runs: 0, triggers: 0, faults: 0, violated: null };
}
