// The running local program in a real Chromium: pages update by themselves, and their buttons work.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { complaintsOf, screenshots, startBrowser } from "../stand-ins/browser.ts";
import { type DockerHub, pushWebhook, startDockerHub } from "../stand-ins/docker-hub.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
} from "../stand-ins/program.ts";

let browser: Browser;
let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
  folder.remove();
});

async function openPage(): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  return { page, complaints: complaintsOf(page) };
}

async function signIn(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await page.getByLabel("API token").fill(apiToken);
  await page.getByRole("main").getByRole("button").click();
}

test("a page follows a run from start to end without a reload, and keeps the focus and opened sections", async () => {
  const config = folder.config({
    chain: { image: "acme/chain", sequence: ["init", "latest"] },
    family: { image: "acme/family", sequence: ["base", ["api", "web"]] },
  });
  const program = await startProgram(["--config", config, "--data", join(folder.path, "watched")]);
  const { page, complaints } = await openPage();
  await page.goto(`${program.origin}/pipelines/chain`);
  await signIn(page);
  await page.getByRole("button", { name: "Start run" }).click();
  await page.getByRole("link", { name: "chain" }).click();
  await page.evaluate("window.isSame = true");
  const table = page.getByText("2 steps as table");
  await table.click();
  await table.focus();
  const statuses: number[] = [];
  page.on("response", (response) => void statuses.push(response.status()));

  await page
    .getByRole("img", { name: "2 steps" })
    .getByText(/^done · /)
    .nth(1)
    .waitFor({ timeout: 30_000 });
  await page.getByRole("heading", { name: "Last run" }).waitFor();
  await page.screenshot({ path: join(screenshots, "watched.png") });
  expect(await page.locator(".top .state").innerText()).toBe("fresh");
  expect(await page.title()).toBe("fresh · chain · Tagrelay");
  expect(await page.getByRole("status").innerText()).toBe("chain fresh");
  await page.getByRole("button", { name: "Start run" }).waitFor();
  expect(await page.evaluate("window.isSame")).toBe(true);
  expect(await page.evaluate("document.activeElement.textContent")).toBe("2 steps as table");
  expect(await page.locator("#steps").getAttribute("open")).not.toBeNull();
  expect(statuses).toContain(200);
  expect(complaints).toEqual([]);
  await page.close();
  await program.kill("SIGTERM");
}, 60_000);

test("a page is sent again only if it has changed, and pausing stops the updates", async () => {
  const config = folder.config({ chain: { image: "acme/chain", sequence: ["init"] } });
  const data = join(folder.path, "idle");
  const program = await startProgram(["--config", config, "--data", data, "--hub-url", "http://127.0.0.1:1"]);
  // The page's timers run on a clock that the test turns.
  const { page } = await openPage();
  await page.clock.install();
  await page.goto(`${program.origin}/`);
  const statuses: number[] = [];
  page.on("response", (response) => void statuses.push(response.status()));
  const wait = async () => {
    await page.clock.runFor(21_000);
    await page.waitForLoadState("networkidle");
  };
  await wait();
  await until(() => statuses.length === 1, "the page was requested once");
  await wait();
  await until(() => statuses.length === 2, "it was requested again");
  expect(statuses).toEqual([200, 304]);
  await page.getByRole("button", { name: "Pause updates" }).click();
  await wait();
  await wait();
  expect(statuses).toHaveLength(2);
  await page.getByRole("button", { name: "Resume updates" }).click();
  await until(() => statuses.length === 3, "updates resume");

  await program.kill("SIGKILL");
  await page.clock.runFor(60_000);
  await until(async () => {
    await page.clock.runFor(30_000);
    return (await page.getByRole("status").innerText()).includes("cannot be reached");
  }, "the page says that it may be out of date");
  await page.close();
}, 60_000);

test("a failed step is retried with a button after signing in", async () => {
  const hub: DockerHub = await startDockerHub();
  const config = folder.config({
    chain: { image: "acme/chain", confirm: "webhook", sequence: ["init", "latest"] },
  });
  const data = join(folder.path, "failed");
  const program: Program = await startProgram(["--config", config, "--data", data, "--hub-url", hub.origin]);
  hub.answerNext({ status: 404 });
  const { body: run } = await program.api("POST", "/pipelines/chain/runs");

  const { page, complaints } = await openPage();
  await page.goto(`${program.origin}/`);
  await page.getByRole("link", { name: /^failed after/ }).click();
  await page.getByText("Docker Hub answered 404").first().waitFor();
  await page.screenshot({ path: join(screenshots, "failed-step.png"), fullPage: true });
  expect(await page.getByRole("button", { name: "Retry" }).count()).toBe(0);
  await signIn(page);
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByText("running 0 of 2 done").waitFor();
  expect(new URL(page.url()).pathname).toBe(`/runs/${run.id}`);
  expect((await program.hook(pushWebhook("acme/chain", "init"))).body.outcome).toBe("advanced");
  await page.getByText("running 1 of 2 done").waitFor();
  expect((await program.hook(pushWebhook("acme/chain", "latest"))).body.outcome).toBe("advanced");
  await page.getByText("succeeded 2 of 2 done").waitFor();
  await page.screenshot({ path: join(screenshots, "retried.png"), fullPage: true });
  expect(complaints).toEqual([]);
  await page.close();
  await program.kill("SIGTERM");
  await hub.close();
  for (const secret of [apiToken]) expect(program.stderr() + program.stdout()).not.toContain(secret);
}, 60_000);

test("pages that require the token lead to the sign-in page and back, and return there when the session ends", async () => {
  const config = folder.config({ chain: { image: "acme/chain", sequence: ["init"] } }, { pages: "token" });
  const data = join(folder.path, "token");
  const program = await startProgram(["--config", config, "--data", data, "--hub-url", "http://127.0.0.1:1"]);
  const { page } = await openPage();
  await page.clock.install();
  await page.goto(`${program.origin}/pipelines/chain`);
  await page.getByLabel("API token").fill(apiToken);
  await page.getByRole("main").getByRole("button").click();
  await page.getByRole("heading", { name: "chain", exact: true }).waitFor();
  await page.context().clearCookies();
  await page.clock.runFor(21_000);
  await page.getByLabel("API token").waitFor();
  await page.close();
  await program.kill("SIGTERM");
}, 60_000);

test("the page of a run shows output as it comes, without a refresh, until the step is over", async () => {
  const output = join(folder.path, "outputs");
  mkdirSync(output);
  const run =
    "echo first; while [ ! -e go ]; do sleep 0.05; done; echo second; while [ ! -e end ]; do sleep 0.05; done";
  const config = folder.config({
    local: { image: "acme/local", trigger: { command: { run, directory: output } }, sequence: ["a"] },
  });
  const program = await startProgram(["--live", "--config", config, "--data", join(output, "data")]);
  const { page, complaints } = await openPage();
  await page.goto(`${program.origin}/pipelines/local`);
  await signIn(page);
  await page.getByRole("button", { name: "Start run" }).click();
  await page.waitForURL("**/runs/**");
  await page.getByText("first").waitFor();
  // From here on, refreshes fail: what comes now, comes by the stream.
  await page.route(/\/runs\/[^/?]*$/, (route) => route.abort());
  writeFileSync(join(output, "go"), "");
  await page.locator("pre").getByText("second").waitFor();
  expect(await page.locator("pre").textContent()).toBe("first\nsecond\n");
  await page.unroute(/\/runs\/[^/?]*$/);
  writeFileSync(join(output, "end"), "");
  await page.getByText("succeeded").first().waitFor();
  expect(complaints.filter((text) => !text.includes("ERR_FAILED"))).toEqual([]);
  await page.close();
  await program.kill("SIGKILL");
}, 90_000);
