import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/core/compile.ts";
import type { Run } from "../../../shared/core/run.ts";
import { drawBadge } from "../../../shared/http/badge/draw-badge.ts";
import { tellBadge } from "../../../shared/http/badge/tell-badge.ts";
import { readJson } from "../../stand-ins/json.ts";
import { keepRuns, pastRun } from "../../stand-ins/past-runs.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 21);
const [pipeline] = compileConfig({
  pipelines: { chain: { image: "acme/chain", sequence: ["a", "b"] } },
}).pipelines;
if (pipeline === undefined) throw new Error("expected a pipeline");
const past = { startedAt: now - 3 * hour - 2_000, takesMs: () => 1_000 };
const run = pastRun(pipeline, past);

test.each<[string, Run | null, string, string, boolean]>([
  ["fresh", run, "fresh 3 h ago", "brightgreen", false],
  ["building", pastRun(pipeline, { ...past, now: past.startedAt }), "building", "blue", false],
  ["failed", pastRun(pipeline, { ...past, fails: { step: "a", reason: "no" } }), "failed", "red", true],
  ["cancelled", { ...run, status: "cancelled", endedAt: now }, "cancelled", "lightgrey", false],
  ["never run", null, "never run", "lightgrey", false],
])("a badge says when images are %s", (_what, run, message, color, isError) => {
  expect(tellBadge("chain", { run }, now)).toEqual({ label: "chain", message, color, isError });
});

test("what a badge says is as wide as what is drawn for it, and escaped", () => {
  const badge = { message: "fresh", color: "brightgreen", isError: false } as const;
  const drawn = String(drawBadge({ ...badge, label: '<script>"&' }));
  expect(drawn).not.toContain("<script");
  expect(drawn).toContain("&lt;script&gt;&quot;&amp;: fresh");
  const widthOf = (label: string) =>
    Number(/width="(\d+)"/.exec(String(drawBadge({ ...badge, label })))?.[1]);
  expect(widthOf("images")).toBeGreaterThan(60);
  expect(widthOf("a long name of a pipeline")).toBeGreaterThan(widthOf("images") + 80);
});

describe("a badge", () => {
  let fixture: Fixture;
  let closed: Fixture;
  beforeAll(async () => {
    const pipelines = {
      chain: { image: "acme/chain", sequence: ["a", "b"] },
      "a.json": { sequence: ["x/y:1"] },
    };
    fixture = await startFixture(pipelines, {}, { pages: "token" });
    closed = await startFixture(pipelines, {}, { pages: "off" });
    await keepRuns(fixture.relay.store, pipeline, [
      pastRun(pipeline, { ...past, startedAt: Date.now() - 5 * hour }),
    ]);
  });
  afterAll(async () => {
    await fixture.stop();
    await closed.stop();
  });

  test("is for anyone, also where pages ask for the token", async () => {
    const response = await fixture.app.request("/badge/chain.svg");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^image\/svg\+xml/);
    expect(response.headers.get("cache-control")).toBe("public, max-age=60");
    expect(await response.text()).toContain("chain: fresh 4 h ago");
  });

  test("is sent again only when it has changed", async () => {
    const etag = (await fixture.app.request("/badge/chain.svg")).headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    const again = await fixture.app.request("/badge/chain.svg", { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("is told to shields.io as it asks for it, with another label where one is given", async () => {
    const response = await fixture.app.request("/badge/chain.json?label=images");
    expect(await readJson(response)).toEqual({
      schemaVersion: 1,
      label: "images",
      message: "fresh 4 h ago",
      color: "brightgreen",
      isError: false,
    });
  });

  test("knows a pipeline whose name ends as a badge does", async () => {
    expect((await fixture.app.request("/badge/a.json")).status).toBe(404);
    expect(await readJson(await fixture.app.request("/badge/a.json.json"))).toMatchObject({
      message: "never run",
    });
  });

  test.each(["/badge/nope.svg", "/badge/__proto__.svg", "/badge/chain", "/badge/chain.png"])(
    "says unknown, with 404, for what is none: %s",
    async (path) => {
      const response = await fixture.app.request(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("unknown");
      expect(response.headers.get("content-type")).toMatch(/^image\/svg\+xml/);
    },
  );

  test("is nowhere where pages are off", async () => {
    expect((await closed.app.request("/badge/chain.svg")).headers.get("content-type")).toBe(
      "application/problem+json",
    );
  });

  test("says unknown, with 503, while the store cannot be reached", async () => {
    const broken = await startFixture({ chain: { image: "acme/chain", sequence: ["a"] } });
    await broken.stopEngine();
    const response = await broken.app.request("/badge/chain.json");
    expect([response.status, (await readJson(response)).message]).toEqual([503, "unknown"]);
    await broken.stop();
  });
});
