import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { badgeOf } from "../../../../shared/http/badge/badge.ts";
import { drawBadge } from "../../../../shared/http/badge/draw-badge.ts";
import type { Event } from "../../../../shared/run/event.ts";
import { emptyState, type Look, type PipelineState, type Run } from "../../../../shared/run/state.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { keepRuns, pastRun } from "../../../stand-ins/past-runs.ts";
import { type Fixture, startFixture } from "../../../stand-ins/relay.ts";
import { accepted, pipelineOf, play, runId, started, t0 } from "../../run/story.ts";

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
])("a badge shows that images are %s", (_what, run, message, color, isError) => {
  const state = { ...emptyState, run };
  expect(badgeOf("chain", pipeline, state, now)).toEqual({ label: "chain", message, color, isError });
});

test("a badge shows that a run waits for an approval, unless images are still being built", () => {
  const family = pipelineOf({
    done: "built",
    trigger: { github: { repository: "acme/x", workflow: "image.yml", secret: "TOKEN" } },
    steps: {
      a: { image: "acme/x:a" },
      gate: { gate: true, after: "a" },
      b: { image: "acme/x:b", after: "a" },
      c: { image: "acme/x:c", after: ["gate", "b"] },
    },
  });
  const built = (step: string): Event => ({
    kind: "buildEnded",
    runId,
    step,
    attempt: 1,
    random: 0,
    end: { kind: "succeeded" },
  });
  const begun = play(family, [
    [0, started()],
    [1_000, accepted("a")],
    [2_000, built("a")],
    [3_000, accepted("b")],
  ]).state;
  const messageOf = (state: PipelineState) => badgeOf("chain", family, state, t0 + hour).message;
  expect(messageOf(begun)).toBe("building");
  expect(messageOf(play(family, [[4_000, built("b")]], begun).state)).toBe("waiting for approval");
});

describe("after a look at the registries, a badge", () => {
  const lookAt = (step: string, state: Look["images"][number]["state"], since: number | null): Look => ({
    at: now - hour,
    images: [{ step, state, since, because: "" }],
  });
  const messageOf = (state: Partial<PipelineState>) =>
    badgeOf("chain", pipeline, { ...emptyState, ...state }, now).message;

  test("shows which image is behind, and for how long", () => {
    expect(messageOf({ run, look: lookAt("a", "stale", now - 75 * hour) })).toBe("a 3 d behind");
    expect(messageOf({ look: lookAt("b", "behind", null) })).toBe("b behind");
  });

  test("shows the last run if it is later, or if it failed", () => {
    const look = { ...lookAt("a", "stale", now - 75 * hour), at: run.startedAt };
    expect(messageOf({ run, look })).toBe("fresh 3 h ago");
    const failed = pastRun(pipeline, { ...past, fails: { step: "a", reason: "no" } });
    expect(messageOf({ run: failed, look: lookAt("a", "stale", null) })).toBe("failed");
  });

  test("shows that images which no run builds are fresh, unless that is unknown", () => {
    expect(messageOf({ look: { at: now - hour, images: [] } })).toBe("fresh 1 h ago");
    expect(messageOf({ look: lookAt("a", "unknown", null) })).toBe("never run");
  });
});

test("a badge is as wide as its text, and escapes it", () => {
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

  test("is public even if pages require the token", async () => {
    const response = await fixture.app.request("/badge/chain.svg");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^image\/svg\+xml/);
    expect(response.headers.get("cache-control")).toBe("public, max-age=60");
    expect(await response.text()).toContain("chain: fresh 4 h ago");
  });

  test("is sent again only if it has changed", async () => {
    const etag = (await fixture.app.request("/badge/chain.svg")).headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    const again = await fixture.app.request("/badge/chain.svg", { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("has the JSON of a shields.io endpoint, with another label if one is given", async () => {
    const response = await fixture.app.request("/badge/chain.json?label=images");
    expect(await readJson(response)).toEqual({
      schemaVersion: 1,
      label: "images",
      message: "fresh 4 h ago",
      color: "brightgreen",
      isError: false,
    });
  });

  test("finds a pipeline whose name ends with .json", async () => {
    expect((await fixture.app.request("/badge/a.json")).status).toBe(404);
    expect(await readJson(await fixture.app.request("/badge/a.json.json"))).toMatchObject({
      message: "never run",
    });
  });

  test.each(["/badge/nope.svg", "/badge/__proto__.svg", "/badge/chain", "/badge/chain.png"])(
    "shows unknown, with 404, if there is none: %s",
    async (path) => {
      const response = await fixture.app.request(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("unknown");
      expect(response.headers.get("content-type")).toMatch(/^image\/svg\+xml/);
    },
  );

  test("does not exist if pages are off", async () => {
    expect((await closed.app.request("/badge/chain.svg")).headers.get("content-type")).toBe(
      "application/problem+json",
    );
  });

  test("shows unknown, with 503, while the store cannot be reached", async () => {
    const broken = await startFixture({ chain: { image: "acme/chain", sequence: ["a"] } });
    await broken.stopEngine();
    const response = await broken.app.request("/badge/chain.json");
    expect([response.status, (await readJson(response)).message]).toEqual([503, "unknown"]);
    await broken.stop();
  });
});
