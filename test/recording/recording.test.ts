import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../stand-ins/program.ts";
import { afterwards, description, start } from "./commands.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const svg = read("docs/recording.svg");
/** What a reader sees, without the styles of its parts. */
const lines = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, text = ""]) =>
  text.replace(/<[^>]+>/g, "").replaceAll(" ", ""),
);

test("the recording shows the commands of today, and README names them in words", () => {
  for (const { shown } of [start, ...afterwards]) expect(lines).toContain(`$${shown.replaceAll(" ", "")}`);
  expect(svg).toContain(`<title id="t">${description}</title>`);
  expect(read("README.md")).toContain(`![${description}](docs/recording.svg)`);
  expect(read("README.md")).toContain(start.shown);
});

test("the recording shows the steps of the sample", () => {
  for (const step of ["init", "step-1", "step-2", "step-3", "latest"]) {
    expect(lines.some((line) => line.startsWith(`✔${step}donein`))).toBe(true);
  }
});

test("the recording is small, stands still for those who want no motion, and loads nothing", () => {
  expect(svg.length).toBeLessThan(60_000);
  expect(svg).toContain("@media(prefers-reduced-motion:no-preference){text{animation:");
  expect(svg).not.toMatch(/<script|<image|href=|url\(|\/tmp\/|token-0123/);
});
