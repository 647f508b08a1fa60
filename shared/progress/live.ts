// Draws active runs in a terminal and updates them in place; ended runs scroll away.
import { styleText } from "node:util";
import { createLogUpdate } from "log-update";
import { formatDuration } from "../pipeline/duration.ts";
import type { Run, StepRun } from "../run/state.ts";
import { describeRun, describeStep } from "./describe-run.ts";
import type { Progress } from "./progress.ts";
import { progressOf } from "./progress-of.ts";

type Terminal = NodeJS.WriteStream;

/** How long a step usually takes; null if unknown. */
export type UsualMs = (run: Run, stepRun: StepRun) => number | null;

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

/** As many complete runs as fit into the terminal. */
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

/** Room for the description next to the name of a step. */
const descriptionWidth = 30;
const minNameWidth = 12;

function drawRun(run: Run, at: Frame): string {
  const steps = run.steps.filter(({ state }) => state !== "skipped" || run.status !== "running");
  const longest = Math.max(minNameWidth, at.columns - descriptionWidth);
  const width = Math.min(longest, Math.max(...steps.map(({ name }) => name.length)));
  const { done, all } = progressOf(run);
  const tally = `${done} of ${all}  ${describeRun(run, at.now)}`;
  const progress = bar(done, all, Math.min(20, at.columns - run.pipeline.length - tally.length - 4));
  const title = `${styleText("bold", run.pipeline)}  ${progress}${tally}`;
  return [title, ...steps.map((step) => drawStep(run, step, width, at))].join("\n");
}

const minBarWidth = 4;

/** Ends with a space; empty if there is no room for a bar. */
function bar(done: number, all: number, width: number): string {
  if (width < minBarWidth) return "";
  const filled = all === 0 ? 0 : Math.min(width, Math.round((done / all) * width));
  return `${styleText("green", "━".repeat(filled))}${styleText("dim", "─".repeat(width - filled))} `;
}

function drawStep(run: Run, stepRun: StepRun, width: number, at: Frame): string {
  const description = describeStep(stepRun, at.now);
  const name =
    stepRun.name.length > width ? `${stepRun.name.slice(0, width - 1)}…` : stepRun.name.padEnd(width);
  const usualMs = at.usualMs(run, stepRun);
  const room = at.columns - width - description.length - 7;
  const usualText = usualMs === null ? "" : `, usually ${formatDuration(usualMs)}`;
  const shown = usualText.length > room ? "" : usualText;
  switch (stepRun.state) {
    case "done":
    case "fresh":
      return `  ${styleText("green", "✔")} ${name}  ${styleText("dim", description)}`;
    case "failed":
      return `  ${styleText("red", "✘")} ${name}  ${styleText("red", description)}`;
    case "triggering":
    case "building": {
      const elapsedMs = at.now - (stepRun.triggeredAt ?? at.now);
      const progress = usualMs === null ? "" : bar(elapsedMs, usualMs, Math.min(12, room - shown.length - 1));
      const sign = styleText("cyan", spinner[at.frame % spinner.length] ?? "");
      return `  ${sign} ${name}  ${progress}${description}${styleText("dim", shown)}`;
    }
    case "due":
      return `  ${styleText("yellow", "◷")} ${name}  ${description}`;
    case "waiting":
    case "skipped":
      return styleText("dim", `  · ${name}  ${description}${stepRun.state === "waiting" ? shown : ""}`);
  }
}
