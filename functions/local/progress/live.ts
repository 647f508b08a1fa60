// Runs drawn in the terminal, step by step, drawn again as they go on; what has ended scrolls away.
import { styleText } from "node:util";
import { createLogUpdate } from "log-update";
import { formatDuration } from "../../../shared/core/duration.ts";
import type { Run, StepRun } from "../../../shared/core/run.ts";
import type { Progress } from "./progress.ts";
import { runWords, stepWords } from "./words.ts";

type Terminal = NodeJS.WriteStream;

/** How long a step usually takes, where that is known. */
export type UsualMs = (run: Run, step: StepRun) => number | null;

const drawEveryMs = 120;
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export function createLiveProgress(
  terminal: Terminal,
  clock: () => number,
  usualMs: UsualMs = () => null,
): Progress {
  const draw = createLogUpdate(terminal);
  const running = new Map<string, Run>();
  let frame = 0;

  const drawNow = (run: Run) =>
    `${drawRun(run, { now: clock(), frame, columns: terminal.columns, usualMs })}\n`;
  const redraw = () => {
    frame += 1;
    draw(firstThatFit([...running.values()].map(drawNow), terminal.rows).join("\n"));
  };
  const timer = setInterval(() => running.size > 0 && redraw(), drawEveryMs);

  return {
    observe: (_before, after) => {
      if (after === null) return;
      if (after.status === "running") running.set(after.pipeline, after);
      else if (running.delete(after.pipeline)) draw.persist(`${drawNow(after)}\n`);
      redraw();
    },
    resume: (run) => void running.set(run.pipeline, run),
    say: (text) => {
      draw.persist(text);
      if (running.size > 0) redraw();
    },
    stop: () => {
      clearInterval(timer);
      draw.done();
    },
  };
}

/** As many whole runs as the terminal has room for. */
function firstThatFit(runs: readonly string[], rows: number): string[] {
  const shown: string[] = [];
  let left = rows - 2;
  for (const run of runs) {
    left -= run.split("\n").length;
    if (left < 0) return [...shown, styleText("dim", `… and ${runs.length - shown.length} more`)];
    shown.push(run);
  }
  return shown;
}

type Frame = { now: number; frame: number; columns: number; usualMs: UsualMs };

/** Beside a name, a terminal has to have room for what is said of the step. */
const roomForWords = 30;
const shortestName = 12;

function drawRun(run: Run, at: Frame): string {
  const steps = run.steps.filter(({ state }) => state !== "skipped" || run.status !== "running");
  const longest = Math.max(shortestName, at.columns - roomForWords);
  const width = Math.min(longest, Math.max(...steps.map(({ name }) => name.length)));
  const done = steps.filter(({ state }) => state === "done").length;
  const tally = `${done} of ${steps.length}  ${runWords(run, at.now)}`;
  const progress = bar(done, steps.length, Math.min(20, at.columns - run.pipeline.length - tally.length - 4));
  const title = `${styleText("bold", run.pipeline)}  ${progress}${tally}`;
  return [title, ...steps.map((step) => drawStep(run, step, width, at))].join("\n");
}

const shortestBar = 4;

/** With a space after it; nothing where there is no room for it. */
function bar(done: number, all: number, width: number): string {
  if (width < shortestBar) return "";
  const filled = all === 0 ? 0 : Math.min(width, Math.round((done / all) * width));
  return `${styleText("green", "━".repeat(filled))}${styleText("dim", "─".repeat(width - filled))} `;
}

function drawStep(run: Run, step: StepRun, width: number, at: Frame): string {
  const words = stepWords(step, at.now);
  const name = step.name.length > width ? `${step.name.slice(0, width - 1)}…` : step.name.padEnd(width);
  const usual = at.usualMs(run, step);
  const room = at.columns - width - words.length - 7;
  const usually = usual === null ? "" : `, usually ${formatDuration(usual)}`;
  const shown = usually.length > room ? "" : usually;
  switch (step.state) {
    case "done":
      return `  ${styleText("green", "✔")} ${name}  ${styleText("dim", words)}`;
    case "failed":
      return `  ${styleText("red", "✘")} ${name}  ${styleText("red", words)}`;
    case "triggering":
    case "building": {
      const taken = at.now - (step.triggeredAt ?? at.now);
      const progress = usual === null ? "" : bar(taken, usual, Math.min(12, room - shown.length - 1));
      const sign = styleText("cyan", spinner[at.frame % spinner.length] ?? "");
      return `  ${sign} ${name}  ${progress}${words}${styleText("dim", shown)}`;
    }
    case "due":
      return `  ${styleText("yellow", "◷")} ${name}  ${words}`;
    case "waiting":
    case "skipped":
      return styleText("dim", `  · ${name}  ${words}${step.state === "waiting" ? shown : ""}`);
  }
}
