// Sums up an import: how much was found, what was left out, and what a person has to decide.
import type { Imported } from "./imported.ts";

export type Summary = {
  lines: string[];
  /** Nothing has to be decided, and most of the order was found. */
  isDone: boolean;
};

export function summarize({ pipelines, tally }: Imported, verb = "imported"): Summary {
  const steps = pipelines.flatMap((pipeline) => pipeline.steps);
  const links = steps.reduce((sum, { after }) => sum + after.length, 0);
  const found = `${count(steps.length, "image")} in ${count(pipelines.length, "pipeline")}, ${count(links, "link")} between them`;
  if (tally === undefined) return { lines: [`${verb} ${found}`], isDone: true };
  const { own, lost, leftOut, open } = tally;
  const isMostLost = lost.length * 2 > own;
  const lines = [
    `${verb} ${found}; ${own - lost.length} of ${count(own, "FROM line")} that look like own images lead to one`,
    ...leftOut.map((text) => `left out: ${text}`),
    ...open.map((text) => `to decide: ${text}`),
  ];
  if (lost.length > 0) {
    const shown = lost.slice(0, 5).join(", ");
    const where = `${shown}${lost.length > 5 ? `, … ${lost.length} in all` : ""}`;
    const what = isMostLost ? "to decide: most of the order is missing: " : "lost: ";
    lines.push(`${what}no image was found for ${where}; the notes say which`);
  }
  return { lines, isDone: open.length === 0 && !isMostLost };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
