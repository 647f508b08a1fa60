// axe, which finds what keeps people from using a page, and what else can be asked of a page in the browser.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import * as z from "zod";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const findings = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }));

// Best practices included. What passes is not described, which takes axe most of its time.
const runAxe = `axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)`;

/** The browser injects axe, so the page's policy does not block it. */
export async function addAxe(page: Page): Promise<void> {
  await page.evaluate(axe);
}

/** What axe finds on a page that it was added to. */
export async function violationsOf(page: Page): Promise<string[]> {
  const found = findings.parse(await page.evaluate(runAxe));
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

export async function setDetails(page: Page, isOpen: boolean): Promise<void> {
  await page.evaluate(`for (const details of document.querySelectorAll("details")) details.open = ${isOpen}`);
}

export async function isTooWide(page: Page): Promise<boolean> {
  return z
    .boolean()
    .parse(
      await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"),
    );
}
