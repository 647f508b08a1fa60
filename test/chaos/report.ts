// Formats the results of a chaos test for one screen.
import type { Announcer } from "./announcer.ts";
import type { RunView } from "./api.ts";
import { type Reason, reasons } from "./explain-repeat.ts";
import type { Trigger } from "./observed.ts";
import type { FaultyProxy } from "./proxy.ts";

export type Findings = {
  seed: number;
  kills: number;
  starts: number;
  tookMs: number;
  pipelines: number;
  runs: readonly RunView[];
  /** How many requests to start a run were answered with 201. */
  started: number;
  triggers: readonly Trigger[];
  pushes: number;
  repeats: readonly (Reason | "unexplained")[];
  lost: number;
  lookUps: number;
  cutTriggers: number;
  webhooks: Announcer["counts"];
  faults: { toHub: FaultyProxy["counts"]; toProgram: FaultyProxy["counts"] };
  violations: readonly string[];
  lastLines: readonly string[];
};

const reasonWords: Record<Reason, string> = {
  buildFailed: "the build failed",
  ignored: "Docker Hub ignored the previous one",
  cut: "answer cut or late",
  killed: "killed before the answer was saved",
  lookUpsCut: "look-ups were cut",
};

export function formatFindings(findings: Findings): string[] {
  const { runs, triggers, repeats, webhooks, faults } = findings;
  const status = (wanted: RunView["status"]) => runs.filter((run) => run.status === wanted).length;
  const copies = triggers.filter(({ isCopy }) => isCopy).length;
  const failedBuilds = triggers.filter(({ build }) => build.kind === "failed").length;
  const unexplained = repeats.filter((reason) => reason === "unexplained").length;
  const why = reasons
    .map((reason): [string, number] => [
      reasonWords[reason],
      repeats.filter((each) => each === reason).length,
    ])
    .filter(([, count]) => count > 0)
    .map(([words, count]) => `${count} ${words}`);
  const rows: [string, string][] = [
    ["seed", `${findings.seed}; ${findings.pipelines} pipelines, ${Math.round(findings.tookMs / 1000)} s`],
    ["kills", `${findings.kills}, of ${findings.starts} starts`],
    [
      "runs",
      `${runs.length} started (${findings.started} answered with 201), ${status("succeeded")} succeeded, ${status("failed")} failed, ${status("running")} active`,
    ],
    [
      "triggers",
      `${triggers.length - copies} received, ${findings.cutTriggers} cut before, ${copies} duplicated by the proxy`,
    ],
    ["builds", `${findings.pushes} pushed, ${failedBuilds} failed`],
    [
      "repeated triggers",
      `${repeats.length - unexplained} explained${why.length === 0 ? "" : ` (${why.join(", ")})`}`,
    ],
    ["", `${unexplained} unexplained`],
    ["lost triggers", `${findings.lost}`],
    [
      "webhooks",
      `${webhooks.sent} sent for ${webhooks.pushes} pushes (${webhooks.repeated} repeated), ${webhooks.unanswered} unanswered; ${webhooks.unannounced} pushes without a webhook`,
    ],
    ["look-ups", `${findings.lookUps}`],
    ["to Docker Hub", formatCounts(faults.toHub)],
    ["to the program", formatCounts(faults.toProgram)],
  ];
  return rows.map(([name, text]) => `${name.padEnd(18)} ${text}`);
}

export function formatViolations({ seed, violations, lastLines }: Findings): string[] {
  if (violations.length === 0) return ["no violation: nothing was lost or repeated without a reason"];
  return [
    "The last log lines of the program:",
    ...lastLines.map((line) => `  ${line}`),
    `Violations, with seed ${seed}:`,
    ...violations.map((violation) => `  ${violation}`),
  ];
}

function formatCounts(counts: FaultyProxy["counts"]): string {
  return [...counts].map(([what, count]) => `${count} ${words.get(what) ?? what}`).join(", ");
}

const words = new Map<string, string>([
  ["none", "passed on"],
  ["cutBefore", "cut before the request arrived"],
  ["cutAfter", "cut before the answer"],
  ["cutWithin", "cut within the answer"],
  ["notListening", "refused while the program was down"],
]);
