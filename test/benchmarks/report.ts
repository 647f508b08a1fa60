// Tells what was measured: to a terminal, and as the document that is kept.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../stand-ins/program.ts";
import type { Run } from "./describe-run.ts";
import { isMet, type Ratio, type Section, type Table, times } from "./section.ts";

export function asText(run: Run, sections: readonly Section[]): string {
  const blocks = [ratiosOf(sections), ...sections.flatMap(({ title, tables }) => [title, ...tables])];
  const told = blocks.map((block) => (typeof block === "string" ? `\n${block}\n` : `${asColumns(block)}\n`));
  return `${told.join("")}\n${run.machine}; Node ${run.versions.node}; ${run.date}\n`;
}

function asColumns({ heads, rows }: Table): string {
  const plain = [heads, ...rows].map((row) => row.map((cell) => cell.replace(/\*\*|`/g, "")));
  const widths = heads.map((_, column) => Math.max(...plain.map((row) => row[column]?.length ?? 0)));
  return plain
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function asMarkdown(run: Run, sections: readonly Section[]): string {
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const chapters = sections.map(
    ({ title, about, tables }) => `## ${title}\n\n${about}\n\n${tables.map(asTable).join("\n")}`,
  );
  return `# What it costs

Made by \`npm run bench -- --write\`, which measures all of it in one run, and is not to be edited. Figures vary from machine to
machine and, on one that is shared, from hour to hour; ratios within a run do so less.

- **When**: ${run.date}
- **Where**: ${run.machine}
- **With**: ${versions.join(", ")}

## The ratios

${asTable(ratiosOf(sections))}
What does not vary is checked with each change: the bundles' sizes, what each kind of webhook asks of DynamoDB, in requests and
in units, and what a function loads of Node when it starts cold.

${chapters.join("\n")}`;
}

function asTable({ heads, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return `${line(heads)}${line(heads.map(() => "---"))}${rows.map(line).join("")}`;
}

function ratiosOf(sections: readonly Section[]): Table {
  const rows = sections
    .flatMap(({ ratios }) => ratios)
    .map((ratio) => [ratio.what, shown(ratio), ...targetOf(ratio)]);
  return { heads: ["what", "is", "meant to be", "met"], rows };
}

const shown = ({ value }: Ratio) => (Number.isInteger(value) ? String(value) : times(value));

function targetOf(ratio: Ratio): string[] {
  const { target } = ratio;
  if (target === null) return ["", ""];
  return [
    `at ${target.kind === "atMost" ? "most" : "least"} ${target.value}`,
    isMet(ratio) ? "yes" : "**no**",
  ];
}

export function writeDocument(markdown: string): void {
  writeFileSync(join(root, "docs/performance.md"), markdown);
}
