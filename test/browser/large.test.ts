// 500 pipelines and runs of 200 steps in a real Chromium: the pages stay small and quick, and a filter finds what is sought.
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addAxe, isTooWide, setDetails, violationsOf } from "../stand-ins/axe.ts";
import { complaintsOf, screenshots, startBrowser } from "../stand-ins/browser.ts";
import type { Gallery } from "../stand-ins/gallery.ts";
import { startLargeGallery } from "../stand-ins/large-gallery.ts";

let gallery: Gallery;
let browser: Browser;
beforeAll(async () => {
  gallery = await startLargeGallery();
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await gallery.stop();
});

const pages: [name: string, path: () => string][] = [
  ["500 pipelines", () => "/"],
  ["500 images", () => "/freshness"],
  ["wide graph", () => "/pipelines/wide"],
  ["long chain", () => "/pipelines/long"],
  ["wide failed run", () => `/runs/${gallery.runs.get("wide")?.id}`],
  ["long run under way", () => `/runs/${gallery.runs.get("long")?.id}`],
];

test.each(pages)(
  "the page of %s loads less than 100 KB, has less than 3,000 elements, and fits a phone",
  async (name, path) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const complaints = complaintsOf(page);
    const loads: Promise<Buffer>[] = [];
    page.on("response", (response) => void loads.push(response.body()));
    await page.goto(gallery.origin + path(), { waitUntil: "load" });
    const bodies = await Promise.all(loads);
    expect(bodies.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(100_000);
    // What a browser and the updates have to do grows with the elements.
    const elements = await page.locator("*").count();
    expect(elements).toBeLessThan(3_000);
    await page.screenshot({ path: join(screenshots, `large-${name.replaceAll(" ", "-")}.png`) });
    await page.setViewportSize({ width: 320, height: 900 });
    expect(await isTooWide(page)).toBe(false);
    await page.screenshot({ path: join(screenshots, `large-${name.replaceAll(" ", "-")}-phone.png`) });
    expect(complaints).toEqual([]);
    await page.close();
  },
  30_000,
);

const schemes = ["light", "dark"] as const;
const devices = [
  ["desktop", 1280],
  ["phone", 320],
] as const;
const variants = schemes.flatMap((colorScheme) =>
  devices.map(([device, width]) => ({ colorScheme, device, width })),
);

test.each(pages)(
  "light and dark, on a desktop and on a phone, the page of %s does not violate axe's rules",
  async (name, path) => {
    const page = await browser.newPage();
    await page.goto(gallery.origin + path());
    await addAxe(page);
    await setDetails(page, true);
    for (const { colorScheme, device, width } of variants) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      expect(await violationsOf(page), `${name}, ${colorScheme}, ${device}`).toEqual([]);
    }
    await page.close();
  },
);

test("without scripts, hundreds of images are filtered, searched by image, pipeline and reason, and paged", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${gallery.origin}/freshness`);
  const rows = page.getByRole("table").locator("tbody tr");
  expect(await rows.count()).toBe(50);
  await page.getByText("1 to 50 of 500 images").waitFor();
  await page.getByRole("link", { name: "Next", exact: true }).click();
  await page.getByText("51 to 100 of 500 images").waitFor();
  await page.getByRole("link", { name: /^Stale/ }).click();
  expect(await rows.count()).toBe(2);
  await page.getByRole("link", { name: /^All/ }).click();
  await page.getByRole("searchbox").fill("wide:image-123");
  await page.getByRole("button", { name: "Find" }).click();
  expect(await rows.locator("th").allInnerTexts()).toEqual(["registry.example.org/acme/wide:image-123"]);
  await context.close();
});

test("without scripts, hundreds of pipelines are filtered, searched by name and image, and paged", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(gallery.origin);
  const rows = page.locator("main > ul.rows > li");
  expect(await rows.count()).toBe(50);
  await page.getByRole("link", { name: "Next", exact: true }).click();
  await page.getByText("51 to 100 of 500 pipelines").waitFor();
  await page.getByRole("link", { name: /^Needs attention/ }).click();
  // All of them failed, and those after the first page do not matter here.
  expect(await rows.getByText("failed", { exact: true }).count()).toBe(await rows.count());
  await page.getByRole("searchbox").fill("SERVICE-047:api");
  await page.getByRole("button", { name: "Find" }).click();
  expect(await rows.locator("h2").allInnerTexts()).toEqual(["service-047"]);
  await page.getByRole("searchbox").fill("nothing like this");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("link", { name: "Show all" }).click();
  expect(await rows.count()).toBe(50);
  await context.close();
});

test("times are in the reader's zone, with the absolute one on hover", async () => {
  const context = await browser.newContext({ timezoneId: "Asia/Kolkata" });
  const page = await context.newPage();
  const run = gallery.runs.get("long");
  await page.goto(`${gallery.origin}/runs/${run?.id}`);
  await page.getByText("Times are in Asia/").waitFor();
  const inIndia = new Date((run?.startedAt ?? 0) + 5.5 * 3_600_000)
    .toISOString()
    .slice(0, 16)
    .replace("T", " ");
  const time = page.locator("h1 time");
  expect(await time.innerText()).toBe(inIndia);
  expect(await time.getAttribute("title")).toMatch(/^\d{4}-.* \(\d{4}-.* UTC\)$/);
  await context.close();
});
