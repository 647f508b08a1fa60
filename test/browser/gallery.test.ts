// Every page in a real Chromium: light and dark, on a desktop and on a phone, with and without scripts.
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { addAxe, isTooWide, setDetails, violationsOf } from "../stand-ins/axe.ts";
import { complaintsOf, screenshots, startBrowser } from "../stand-ins/browser.ts";
import { type Gallery, startGallery } from "../stand-ins/gallery.ts";
import { until } from "../stand-ins/program.ts";
import { apiToken } from "../stand-ins/relay.ts";

let gallery: Gallery;
let browser: Browser;
/** The cookie of somebody who has signed in. */
let session: Awaited<ReturnType<BrowserContext["storageState"]>>;

beforeAll(async () => {
  gallery = await startGallery();
  browser = await startBrowser();
  session = await signIn();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await gallery.stop();
});

const pages: [name: string, path: () => string][] = [
  ["pipelines", () => "/"],
  ["freshness", () => "/freshness"],
  ["chain", () => "/pipelines/void-docker"],
  ["graph", () => "/pipelines/selenium"],
  ["never run", () => "/pipelines/nightly"],
  ["running", () => `/runs/${gallery.runs.get("selenium")?.id}`],
  ["failed", () => `/runs/${gallery.runs.get("tools")?.id}`],
  ["promoted", () => `/runs/${gallery.runs.get("release")?.id}`],
  ["not found", () => "/pipelines/nope"],
];
const signInPage: typeof pages = [["sign in", () => "/sign-in"]];

/** A page in its own context, so without cookies. */
async function open(options: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  return { page, complaints };
}

async function signIn() {
  const { page } = await open({});
  await page.goto(`${gallery.origin}/sign-in`);
  await page.getByLabel("API token").fill(apiToken);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  const state = await page.context().storageState();
  await page.context().close();
  return state;
}

const schemes = ["light", "dark"] as const;
const devices = [
  ["desktop", 1280],
  ["phone", 320],
] as const;

test.each([...pages, ...signInPage])(
  "light and dark, on a desktop and on a phone, the page %s does not violate axe's rules, is not wider than the screen, and keeps to its own security policy",
  async (name, path) => {
    const isSignedIn = name !== "sign in";
    const { page, complaints } = await open(isSignedIn ? { storageState: session } : {});
    await page.goto(gallery.origin + path());
    expect(await page.context().cookies()).toHaveLength(isSignedIn ? 1 : 0);
    await addAxe(page);
    for (const [device, width] of devices) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of schemes) {
        const variant = `${colorScheme}, ${device}`;
        await page.emulateMedia({ colorScheme });
        expect(await isTooWide(page), variant).toBe(false);
        const file = `${name.replaceAll(" ", "-")}-${colorScheme}-${device}.png`;
        await page.screenshot({ path: join(screenshots, file), fullPage: true });
        await setDetails(page, true);
        expect(await violationsOf(page), variant).toEqual([]);
        expect(await isTooWide(page), `${variant}, opened`).toBe(false);
        await setDetails(page, false);
      }
    }
    // Chromium logs the 404 of the page that does not exist.
    expect(complaints.filter((complaint) => !complaint.includes("404"))).toEqual([]);
    await page.context().close();
  },
  60_000,
);

test.each([...pages, ...signInPage])("the page %s loads less than 50 KB in all", async (_name, path) => {
  const { page } = await open({});
  const loads: Promise<Buffer>[] = [];
  page.on("response", (response) => void loads.push(response.body()));
  await page.goto(gallery.origin + path(), { waitUntil: "load" });
  const bodies = await Promise.all(loads);
  expect(bodies.length).toBeGreaterThan(1);
  expect(bodies.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(50_000);
  await page.context().close();
});

test.each(["light", "dark"] as const)(
  "a screenshot of a pipeline's page is made for the documentation: %s",
  async (colorScheme) => {
    const { page } = await open({ colorScheme, viewport: { width: 1120, height: 1060 } });
    await page.goto(`${gallery.origin}/pipelines/selenium`);
    const file = colorScheme === "light" ? "screenshot.png" : "screenshot-dark.png";
    await page.screenshot({ path: join(screenshots, file), animations: "disabled" });
    await page.context().close();
  },
);

test("everything works without scripts: signing in, starting from a step, cancelling, retrying, signing out", async () => {
  const { page, complaints } = await open({ javaScriptEnabled: false });
  await page.goto(`${gallery.origin}/pipelines/family`);
  await page.getByRole("link", { name: "Sign in" }).last().click();
  await page.getByLabel("API token").fill("wrong");
  await page.getByRole("main").getByRole("button").click();
  await page.getByText("This is not the API token.").waitFor();
  await page.getByLabel("API token").fill(apiToken);
  await page.getByRole("main").getByRole("button").click();
  await page.getByRole("heading", { name: "family" }).waitFor();
  await page.getByLabel("From").selectOption("acme/api:latest");
  await page.getByRole("button", { name: "Start run" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("cancelled nothing done").waitFor();
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByText("running 0 of 1 done").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Start from here, acme/web:latest" }).click();
  await page.getByText("manually, from acme/web:latest").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "family" }).click();
  await page.getByText("3 steps as table").click();
  await page.getByRole("cell", { name: "acme/base:latest" }).first().waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Pipelines" }).waitFor();
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  expect(complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
  await page.context().close();
});

test("an inline style or script is blocked and reported", async () => {
  const { page, complaints } = await open({});
  await page.goto(gallery.origin);
  await page.evaluate(
    `document.querySelector("main").innerHTML = '<p style="color: red">x</p><img src="x" onerror="window.isRun = true">'`,
  );
  await until(() => complaints.length >= 2, "the browser complains");
  expect(complaints.join("\n")).toMatch(/Content Security Policy/);
  expect(await page.evaluate("window.isRun")).toBeUndefined();
  await page.context().close();
});

const ratiosOfWidths = `[...document.querySelectorAll("text")].map((text) => {
  const reserved = Number(text.getAttribute("textLength"));
  text.removeAttribute("textLength");
  return text.getComputedTextLength() / reserved;
})`;

test("a badge is an image with enough room for its text", async () => {
  const { page, complaints } = await open({});
  await page.goto(`${gallery.origin}/badge/family.svg`);
  await page.screenshot({
    path: join(screenshots, "badge.png"),
    clip: { x: 0, y: 0, width: 260, height: 30 },
  });
  // The natural width of the words by the width that is reserved for them. Fonts differ, but not by much.
  const ratios = z.array(z.number()).parse(await page.evaluate(ratiosOfWidths));
  expect(ratios).toHaveLength(4);
  for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
  await page.screenshot({
    path: join(screenshots, "badge.png"),
    clip: { x: 0, y: 0, width: 260, height: 30 },
  });
  expect(complaints).toEqual([]);
  await page.context().close();
});
