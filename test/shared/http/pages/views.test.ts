// Views are functions to HTML: what comes from outside stays text in it, and what is under way is told.
import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../../shared/core/compile.ts";
import type { Pipeline } from "../../../../shared/core/pipeline.ts";
import { emptyState, type Run } from "../../../../shared/core/run.ts";
import { layout, type Page } from "../../../../shared/http/pages/layout.ts";
import { pipelinePage } from "../../../../shared/http/pages/pipeline-page.ts";
import { pipelinesPage } from "../../../../shared/http/pages/pipelines-page.ts";
import { type RunView, runPage } from "../../../../shared/http/pages/run-page.ts";
import { signInPage } from "../../../../shared/http/pages/sign-in-page.ts";
import { pastRun } from "../../../stand-ins/past-runs.ts";

const signedIn = { isSignedIn: true, path: "/" };
const anyone = { isSignedIn: false, path: "/" };
const now = Date.UTC(2026, 10, 21, 12);
const markUp = `<img src=x onerror="alert('1')">&`;

function compile(steps: Record<string, unknown>): Pipeline {
  const [pipeline] = compileConfig({ pipelines: { p: { steps } } }).pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  return pipeline;
}
const tame = compile({
  a: { image: "acme/a:1" },
  b: { image: "acme/b:1", after: "a", trigger: { command: { run: "true" } } },
});
/** The grammar refuses such names; the pages do not rely on that. */
const names = new Map([
  ["a", markUp],
  ["b", "a b:/?#"],
]);
const rename = (name: string) => names.get(name) ?? name;
const hostile: Pipeline = {
  ...tame,
  steps: tame.steps.map((step) => ({ ...step, name: rename(step.name), after: step.after.map(rename) })),
};
const failed = pastRun(hostile, {
  startedAt: now - 60_000,
  takesMs: () => 1_000,
  fails: { step: "a b:/?#", reason: markUp },
  ticketOf: () => ({ id: markUp, url: `https://builds.example.org/${markUp}` }),
});

function viewOf(run: Run, rest: Partial<RunView> = {}): RunView {
  return { run, pipeline: hostile, isLatest: true, isIdle: true, output: null, ...rest };
}
const render = (page: Page) => String(layout(page, signedIn));

describe("what comes from outside stays text", () => {
  test.each<[string, () => Page]>([
    [
      "the pipelines",
      () => pipelinesPage([{ pipeline: hostile, state: { ...emptyState, run: failed } }], now),
    ],
    [
      "a pipeline",
      () =>
        pipelinePage(
          { pipeline: hostile, state: { ...emptyState, run: failed }, runs: [failed] },
          signedIn,
          now,
        ),
    ],
    ["a run", () => runPage(viewOf(failed, { output: { step: markUp, text: markUp } }), signedIn, now)],
    ["signing in", () => signInPage(markUp, true)],
  ])("on the page of %s", (_what, page) => {
    const text = render(page());
    expect(text).not.toContain("<img");
    expect(text).not.toMatch(/ onerror="/);
    expect(text.replace(/&(?:lt|gt|amp|quot|#39);/g, "")).not.toContain("&");
  });

  test.each(["javascript:alert(1)", "http://builds.example.org/1", "no url", "//x"])(
    "an address of a build that is no page's is no link: %s",
    (url) => {
      const run = pastRun(hostile, { startedAt: now, takesMs: () => 1, ticketOf: () => ({ id: "7", url }) });
      const text = render(runPage(viewOf(run), signedIn, now));
      expect(text).toContain("build 7");
      expect(text).not.toContain(url);
    },
  );
});

describe("the page of a run", () => {
  test("offers what can be done, to whoever may", () => {
    const actionsOf = (view: RunView, viewer = signedIn) =>
      [...String(runPage(view, viewer, now).content).matchAll(/action="([^"]+)"/g)].map(([, action]) =>
        action?.replace(failed.id, "id"),
      );
    const running = pastRun(hostile, { startedAt: now, takesMs: () => 1_000, now });
    const start = "/pipelines/p/runs";
    expect(actionsOf(viewOf(failed))).toEqual(["/runs/id/retry", start, start]);
    expect(actionsOf(viewOf(failed), anyone)).toEqual([]);
    expect(actionsOf(viewOf(failed, { isLatest: false, isIdle: false }))).toEqual([]);
    expect(actionsOf(viewOf(running, { isIdle: false }))).toEqual([`/runs/${running.id}/cancel`]);
    expect(actionsOf(viewOf(failed, { pipeline: null }))).toEqual([]);
  });

  test("tells what happened, no more of it than a page has room for", () => {
    const entry = { at: now, step: "x", state: "due", attempt: 2, reason: "r".repeat(300) };
    const run = { ...failed, log: Array.from({ length: 200 }, () => entry) };
    const text = String(runPage(viewOf(run), anyone, now).content);
    expect(text.match(/attempt 2/g)).toHaveLength(80);
    expect(text).toContain("The last 80");
    expect(text).not.toContain("r".repeat(161));
  });

  test("tells why a step failed otherwise than why one is asked for again", () => {
    const [first, second] = failed.steps;
    if (first === undefined || second === undefined) throw new Error("expected two steps");
    const wait = { wakeAt: now, giveUpAt: null, lookUps: 0, dueAt: now + 90_000 };
    const due = { ...first, ...wait, state: "due" as const, reason: "Docker Hub answered 503" };
    const content = String(runPage(viewOf({ ...failed, steps: [due, second] }), anyone, now).content);
    expect(content).toContain('<p class="reason soon">Docker Hub answered 503</p>');
    expect(content).toMatch(/due.*in 1 min/s);
    expect(content).toContain('<p class="reason">&lt;img');
  });

  test("shows the end of a long output", () => {
    const text = `begin${"x".repeat(20_000)}end`;
    const content = String(runPage(viewOf(failed, { output: { step: "a", text } }), signedIn, now).content);
    expect(content).toContain("xend</pre>");
    expect(content).not.toContain("begin");
  });
});

describe("a page of many", () => {
  test("keeps to its size: of a large pipeline fewer runs are shown", () => {
    const names = Array.from({ length: 40 }, (_, index) => `step-${index}`);
    const steps = Object.fromEntries(
      names.map((name, index) => [
        name,
        { image: `acme/images:${name}`, after: names.slice(Math.max(0, index - 1), index) },
      ]),
    );
    const pipeline = compile(steps);
    const runs = Array.from({ length: 30 }, (_, age) =>
      pastRun(pipeline, { startedAt: now - age * 9e6, takesMs: () => 1e5 }),
    );
    const [run = null] = runs;
    const page = pipelinePage({ pipeline, state: { ...emptyState, run }, runs }, signedIn, now);
    expect(render(page).length).toBeLessThan(37_000);
    expect(String(page.content)).toMatch(/The last (?:run|\d+ runs)</);
  });

  test("says in words what its colours say", () => {
    const running = pastRun(hostile, { startedAt: now - 90_000, takesMs: () => 100_000, now });
    const page = pipelinesPage([{ pipeline: hostile, state: { ...emptyState, run: running } }], now);
    expect(page).toMatchObject({ summary: "1 building", live: "active", title: "1 building · Tagrelay" });
    expect(String(page.content)).toMatch(/0 of 2 done, .* building for 1m 30s/);
    const never = pipelinesPage([{ pipeline: hostile, state: emptyState }], now);
    expect(never).toMatchObject({ summary: "1 never run", live: "idle" });
  });

  test("stays the same while nothing happens, however often it is asked for", () => {
    const view = { pipeline: hostile, state: { ...emptyState, run: failed }, runs: [failed] };
    const at = (ms: number) => String(pipelinePage(view, anyone, ms).content);
    expect(at(now + 3_600_000)).toBe(at(now + 3_601_000));
  });
});
