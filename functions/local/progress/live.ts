// Runs drawn in the terminal, step by step, drawn again as they go on; what has ended scrolls away.
import { styleText } from "node:util";
import { createLogUpdate } from "log-update";
import type { Run, StepRun } from "../../../shared/core/run.ts";
import type { Progress } from "./progress.ts";
import { runWords, stepWords } from "./words.ts";

type Terminal = NodeJS.WriteStream;

const drawEveryMs = 120;
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export function createLiveProgress(terminal: Terminal, clock: () => number): Progress {
  const draw = createLogUpdate(terminal);
  const running = new Map<string, Run>();
  let frame = 0;

  const redraw = () => {
    frame += 1;
    draw(
      firstThatFit(
        [...running.values()].map((run) => `${drawRun(run, clock(), frame)}\n`),
        terminal.rows,
      ).join("\n"),
    );
  };
  const timer = setInterval(() => running.size > 0 && redraw(), drawEveryMs);

  return {
    observe: (_before, after) => {
      if (after === null) return;
      if (after.status === "running") running.set(after.pipeline, after);
      else if (running.delete(after.pipeline)) draw.persist(`${drawRun(after, clock(), frame)}\n\n`);
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

function drawRun(run: Run, now: number, frame: number): string {
  const steps = run.steps.filter(({ state }) => state !== "skipped" || run.status !== "running");
  const width = Math.max(...steps.map(({ name }) => name.length));
  const done = steps.filter(({ state }) => state === "done").length;
  const title = `${styleText("bold", run.pipeline)}  ${bar(done, steps.length)} ${done} of ${steps.length}  ${runWords(run, now)}`;
  return [title, ...steps.map((step) => drawStep(step, width, now, frame))].join("\n");
}

function bar(done: number, all: number): string {
  const width = 20;
  const filled = all === 0 ? 0 : Math.round((done / all) * width);
  return styleText("green", "━".repeat(filled)) + styleText("dim", "─".repeat(width - filled));
}

function drawStep(step: StepRun, width: number, now: number, frame: number): string {
  const words = stepWords(step, now);
  const name = step.name.padEnd(width);
  switch (step.state) {
    case "done":
      return `  ${styleText("green", "✔")} ${name}  ${styleText("dim", words)}`;
    case "failed":
      return `  ${styleText("red", "✘")} ${name}  ${styleText("red", words)}`;
    case "triggering":
    case "building":
      return `  ${styleText("cyan", spinner[frame % spinner.length] ?? "")} ${name}  ${words}`;
    case "due":
      return `  ${styleText("yellow", "◷")} ${name}  ${words}`;
    case "waiting":
    case "skipped":
      return styleText("dim", `  · ${name}  ${words}`);
  }
}
