// Pages in a real Chromium while what they show changes: nothing jumps, and what the reader holds on to stays.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { startBrowser } from "../stand-ins/browser.ts";
import { type ChangingGallery, type Moment, startChangingGallery } from "../stand-ins/changing-gallery.ts";
import { apiToken } from "../stand-ins/relay.ts";

let browser: Browser;
let gallery: ChangingGallery;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());
beforeEach(async () => {
  gallery = await startChangingGallery();
  await gallery.show("nothing is triggered yet");
});
afterEach(() => gallery.stop());

const pages: [name: string, path: () => string][] = [
  ["pipelines", () => "/"],
  ["a pipeline", () => "/pipelines/family"],
  ["a run", () => `/runs/${gallery.run.id}`],
  ["images", () => "/freshness"],
];
const devices = [
  ["desktop", 1280],
  ["phone", 390],
] as const;
const cases = pages.flatMap(([name, path]) =>
  devices.map(([device, width]) => ({ name, path, device, width })),
);
const story: Moment[] = [
  "the first step is built",
  "four steps are built side by side",
  "the last step is built",
  "the run has succeeded",
];

/** By Chromium's measure, 1 is everything by a whole screen, and 0.1 is what a good site may do in all. */
const none = 0.001;
/** At the end of a run, words move that are next to a word of another length: "running" becomes "succeeded". */
const words = 0.01;

async function open(path: string, width = 1280): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  await page.goto(`${gallery.origin}/sign-in?to=${encodeURIComponent(path)}`);
  await page.getByLabel("API token").fill(apiToken);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await page.evaluate(`
    window.shifts = [];
    window.observer = new PerformanceObserver((list) => shifts.push(...list.getEntries()));
    observer.observe({ type: "layout-shift" });
  `);
  await drawn(page);
  await takeShifts(page);
  return page;
}

/** Lets the page ask for its new content now, as it does when its tab is shown again, and waits until that is drawn. */
async function update(page: Page): Promise<void> {
  const address = page.url().replace(/#.*/, "");
  const answered = page.waitForResponse(
    (response) => response.url() === address && response.status() === 200,
  );
  await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
  await (await answered).finished();
  await drawn(page);
}

/** The second frame comes after the first has been measured. */
async function drawn(page: Page): Promise<void> {
  const frame = "new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))";
  await page.evaluate(frame);
  await page.evaluate(frame);
}

const shiftsSchema = z.array(z.object({ value: z.number(), moved: z.array(z.string()) }));

/** What has moved since the last call, and how much that is. */
async function takeShifts(page: Page) {
  const taken = await page.evaluate(`
    [...shifts.splice(0), ...observer.takeRecords()].map(({ value, sources }) => ({
      value,
      moved: sources.map(({ node, previousRect: old, currentRect: now }) =>
        (node?.nodeName ?? "") + " " + (node?.textContent ?? "").slice(0, 40) +
        " from " + old.x + "," + old.y + " to " + now.x + "," + now.y),
    }))`);
  const shifts = shiftsSchema.parse(taken);
  return {
    score: shifts.reduce((sum, { value }) => sum + value, 0),
    moved: shifts.flatMap(({ moved }) => moved).join("\n"),
  };
}

test.each(cases.filter(({ name }) => name !== "images"))(
  "nothing on the page of $name moves while steps go from due to building to done: $device",
  async ({ path, width }) => {
    const page = await open(path(), width);
    for (const moment of story) {
      await gallery.show(moment);
      await update(page);
      const { score, moved } = await takeShifts(page);
      const most = moment === "the run has succeeded" ? words : none;
      expect.soft(score, `${moment}\n${moved}`).toBeLessThan(most);
    }
    await page.close();
  },
);

test("a shift that readers would see is measured", async () => {
  const page = await open("/");
  await page.evaluate(`document.querySelector("main").prepend(document.createElement("hr"), "a line more")`);
  await page.waitForFunction("shifts.length > 0");
  expect((await takeShifts(page)).score).toBeGreaterThan(words);
  await page.close();
});

test.each(cases)(
  "a list on the page of $name that grows above what is being read does not move that: $device",
  async ({ path, width }) => {
    await gallery.show("the run has succeeded");
    await gallery.lookAtAll();
    const page = await open(path(), width);
    await page.setViewportSize({ width, height: 400 });
    await page.evaluate("scrollTo(0, 1e6)");
    // The browser keeps in place what it has drawn.
    await drawn(page);
    await takeShifts(page);
    await gallery.startNext();
    await gallery.look();
    await update(page);
    const { score, moved } = await takeShifts(page);
    expect(score, moved).toBeLessThan(none);
    await page.close();
  },
);

const held = `({
  focus: document.activeElement?.textContent,
  selection: getSelection().toString(),
  scroll: scrollY,
  open: [...document.querySelectorAll("main details[open]")].map(({ textContent }) => textContent.slice(0, 20)),
})`;
const heldSchema = z.object({
  focus: z.string(),
  selection: z.string(),
  scroll: z.number(),
  open: z.array(z.string()),
});

/** Focuses a link, selects a name, opens what can be opened, and scrolls. */
const hold = (link: string, name: string) => `
  for (const details of document.querySelectorAll("main details")) details.open = true;
  [...document.querySelectorAll("main a, main summary")].find((one) => one.textContent.startsWith("${link}")).focus();
  const node = [...document.querySelectorAll("main th, main h2, main h3, main dd span")].find((one) => one.textContent === "${name}");
  getSelection().selectAllChildren(node);
  scrollTo(0, 60);
`;

test.each([
  { name: "pipelines", path: () => "/", link: "service-3", text: "service-2" },
  { name: "a pipeline", path: () => "/pipelines/family", link: "6 steps as table", text: "web" },
  { name: "a run", path: () => `/runs/${gallery.run.id}`, link: "family", text: "docs" },
  { name: "images", path: () => "/freshness", link: "service-3", text: "acme/service-4:a" },
])(
  "the focus, the selected text, the scroll position and what is open on the page of $name survive updates",
  async ({ path, link, text }) => {
    await gallery.lookAtAll();
    const page = await open(path());
    await page.setViewportSize({ width: 1280, height: 500 });
    await page.evaluate(hold(link, text));
    const before = heldSchema.parse(await page.evaluate(held));
    expect(before).toMatchObject({ selection: text, scroll: 60 });
    expect(before.focus.startsWith(link)).toBe(true);
    for (const moment of story) {
      await gallery.show(moment);
      await gallery.look();
      await update(page);
      const after = heldSchema.parse(await page.evaluate(held));
      expect(after, moment).toMatchObject({ ...before, open: expect.arrayContaining(before.open) });
    }
    await page.close();
  },
);
