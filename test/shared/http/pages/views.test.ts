// The functions that make the HTML of pages: text from outside is escaped, and all statuses are shown in words.
import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { freshnessPage } from "../../../../shared/http/pages/freshness-page.ts";
import { layout, type Page } from "../../../../shared/http/pages/layout.ts";
import { pipelinePage } from "../../../../shared/http/pages/pipeline-page.ts";
import { pipelinesPage } from "../../../../shared/http/pages/pipelines-page.ts";
import { runPage } from "../../../../shared/http/pages/run-page.ts";
import type { RunView } from "../../../../shared/http/pages/run-view.ts";
import { signInPage } from "../../../../shared/http/pages/sign-in-page.ts";
import type { Pipeline } from "../../../../shared/pipeline/pipeline.ts";
import { emptyState, type Run } from "../../../../shared/run/state.ts";
import { pastRun } from "../../../stand-ins/past-runs.ts";

const signedIn = { isSignedIn: true, path: "/" };
const anyone = { isSignedIn: false, path: "/" };
const now = Date.UTC(2026, 10, 21, 12);
const all = { show: "", find: "", page: 1 };
const markup = `<img src=x onerror="alert('1')">&`;

function compile(steps: Record<string, unknown>): Pipeline {
  const [pipeline] = compileConfig({ pipelines: { p: { steps } } }).pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  return pipeline;
}
const harmless = compile({
  a: { image: "acme/a:1" },
  b: { image: "acme/b:1", after: "a", trigger: { command: { run: "true" } } },
});
/** The configuration cannot have such names, but the pages do not rely on that. */
const names = new Map([
  ["a", markup],
  ["b", "a b:/?#"],
]);
const rename = (name: string) => names.get(name) ?? name;
const hostile: Pipeline = {
  ...harmless,
  steps: harmless.steps.map((step) => ({ ...step, name: rename(step.name), after: step.after.map(rename) })),
};
const failed = pastRun(hostile, {
  startedAt: now - 60_000,
  takesMs: () => 1_000,
  fails: { step: "a b:/?#", reason: markup },
  buildOf: () => ({ id: markup, url: `https://builds.example.org/${markup}` }),
});

function viewOf(run: Run, rest: Partial<RunView> = {}): RunView {
  return {
    run,
    pipeline: hostile,
    isLatest: true,
    isIdle: true,
    state: null,
    wanted: all,
    output: null,
    ...rest,
  };
}
/** A pipeline's runs as its page shows them, if there are no others. */
const newest = (runs: readonly Run[]) => ({ latest: runs, past: { runs, before: null, next: null } });
const render = (page: Page) => String(layout(page, signedIn));

describe("text from outside is escaped", () => {
  test.each<[string, () => Page]>([
    [
      "the pipelines",
      () => pipelinesPage([{ pipeline: hostile, state: { ...emptyState, run: failed } }], all, now),
    ],
    [
      "a pipeline",
      () =>
        pipelinePage(
          { pipeline: hostile, state: { ...emptyState, run: failed }, ...newest([failed]) },
          signedIn,
          now,
        ),
    ],
    [
      "a run",
      () => runPage(viewOf(failed, { output: { step: markup, text: markup, isOpen: true } }), signedIn, now),
    ],
    ["the sign-in form", () => signInPage(markup, true)],
  ])("on the page of %s", (_what, page) => {
    const text = render(page());
    expect(text).not.toContain("<img");
    expect(text).not.toMatch(/ onerror="/);
    expect(text.replace(/&(?:lt|gt|amp|quot|#39);/g, "")).not.toContain("&");
  });

  test.each(["javascript:alert(1)", "http://builds.example.org/1", "no url", "//x"])(
    "a build URL that is not https is not a link: %s",
    (url) => {
      const run = pastRun(hostile, { startedAt: now, takesMs: () => 1, buildOf: () => ({ id: "7", url }) });
      const text = render(runPage(viewOf(run), signedIn, now));
      expect(text).toContain("build 7");
      expect(text).not.toContain(url);
    },
  );
});

describe("the page of a run", () => {
  test("shows signed-in viewers the buttons that work", () => {
    const actionsOf = (view: RunView, viewer = signedIn) =>
      [...String(runPage(view, viewer, now).content).matchAll(/action="([^"]+)"/g)].map(([, action]) =>
        action?.replace(failed.id, "id"),
      );
    const running = pastRun(hostile, { startedAt: now, takesMs: () => 1_000, now });
    const start = "/pipelines/p/runs";
    expect(actionsOf(viewOf(failed))).toEqual(["/runs/id/retry", start]);
    expect(actionsOf(viewOf(failed), anyone)).toEqual([]);
    expect(actionsOf(viewOf(failed, { isLatest: false, isIdle: false }))).toEqual([]);
    expect(actionsOf(viewOf(running, { isIdle: false }))).toEqual([`/runs/${running.id}/cancel`]);
    expect(actionsOf(viewOf(failed, { pipeline: null }))).toEqual([]);
  });

  test("shows the end of a long log", () => {
    const entry = { at: now, step: "x", state: "due", attempt: 2, reason: "r".repeat(300) };
    const run = { ...failed, log: Array.from({ length: 200 }, () => entry) };
    const text = String(runPage(viewOf(run), anyone, now).content);
    expect(text.match(/attempt 2/g)).toHaveLength(80);
    expect(text).toContain("The last 80 of 200 changes. The API returns the last 200.");
    expect(text).not.toContain("r".repeat(161));
  });

  test("says what a run too large for the store has lost", () => {
    const textOf = (run: Run) => String(runPage(viewOf(run), anyone, now).content);
    const entry = { at: now, step: "x", state: "due", attempt: 2, reason: null };
    const large = { ...failed, log: Array(20).fill(entry), logLeftOut: 180, isShortened: true };
    expect(textOf(large)).toContain("The last 20 of 200 changes.<");
    expect(textOf(large)).toContain("so large that not all of it could be kept");
    expect(textOf({ ...large, log: [], logLeftOut: 200 })).toContain("too large to keep its 200 changes");
    expect(textOf(failed)).not.toMatch(/too large|so large|changes\./);
  });

  test("with many steps begins with those that failed, and with few keeps the pipeline's order", () => {
    const stepsOf = (count: number) => {
      const steps = Array.from({ length: count }, (_, place) => [`s${place}`, { image: `acme/x:${place}` }]);
      const pipeline = compile(Object.fromEntries(steps));
      const fails = { step: `s${count - 1}`, reason: "no push" };
      const run = pastRun(pipeline, { startedAt: now - 60_000, takesMs: () => 1_000, fails });
      const text = String(runPage(viewOf(run, { pipeline }), anyone, now).content);
      return [...text.matchAll(/<li id="s-(s\d+)"/g)].map(([, name]) => name);
    };
    expect(stepsOf(60).slice(0, 3)).toEqual(["s59", "s0", "s1"]);
    expect(stepsOf(40).slice(-2)).toEqual(["s38", "s39"]);
  });

  test("of a failure begins with what failed, and says so if nothing starts it again by itself", () => {
    const text = String(runPage(viewOf(failed, { state: emptyState }), anyone, now).content);
    expect(text.indexOf('id="advice"')).toBeLessThan(text.indexOf("Run ID"));
    expect(text).toContain("Nothing starts it again by itself.");
  });

  test("calls the states of a gate in the log what its steps call them", () => {
    const pipeline = compile({ a: { image: "acme/a:1" }, ok: { gate: true, after: "a" } });
    const run = pastRun(pipeline, { startedAt: now - 60_000, takesMs: () => 1_000 });
    const text = String(runPage(viewOf(run, { pipeline }), anyone, now).content);
    const [, log = ""] = text.split('id="log"');
    expect(
      [...log.matchAll(/<\/svg>([a-z ]+)<\/span> <span><span class="name">ok</g)].map(([, word]) => word),
    ).toEqual(["deciding", "passed"]);
  });

  test("of a failure says what that holds up, what was not built for lack of it, and the command that retries", () => {
    const pipeline = compile({ a: { image: "acme/a:1" }, b: { image: "acme/b:1", after: "a" } });
    const fails = { step: "a", reason: "the push did not come" };
    const buildOf = () => ({ id: "7", url: "https://builds.example.org/7" });
    const run = pastRun(pipeline, { startedAt: now - 60_000, takesMs: () => 1_000, fails, buildOf });
    const text = String(
      runPage(viewOf(run, { pipeline, state: { ...emptyState, run } }), anyone, now).content,
    );
    const [, advice = ""] = /class="advice bad"(.*?)<\/section>/s.exec(text) ?? [];
    expect(advice).toContain("(2 attempts, 1.0s): the push did not come");
    expect(advice).toContain('<a href="https://builds.example.org/7"');
    expect(advice).toContain("That holds up b<");
    expect(advice).toContain(`<code>tagrelay retry ${run.id}</code>`);
    expect(text).toContain("Not built, because it comes after a<");
    const later = runPage(viewOf(run, { pipeline, isLatest: false }), anyone, now);
    expect(String(later.content)).toContain("Another run has started since");
    expect(String(later.content)).not.toContain("tagrelay retry");
  });

  test("says why earlier attempts failed, and what a step waits for", () => {
    const pipeline = compile({ a: { image: "acme/a:1" }, b: { image: "acme/b:1", after: "a" } });
    const run = pastRun(pipeline, { startedAt: now - 500, takesMs: () => 1_000, now });
    const steps = run.steps.map((step) => (step.name === "a" ? { ...step, attempts: 2 } : step));
    const entry = { at: now, step: "a", state: "due", attempt: 1, reason: "GitHub answered 502" };
    const text = String(runPage(viewOf({ ...run, steps, log: [entry] }, { pipeline }), anyone, now).content);
    expect(text).toContain("Attempt 1: GitHub answered 502");
    expect(text).toContain("Waits for a<");
  });

  test("shows the reason of a failure and the reason of a retry in different styles", () => {
    const [first, second] = failed.steps;
    if (first === undefined || second === undefined) throw new Error("expected two steps");
    const wait = { wakeAt: now, giveUpAt: null, lookUps: 0, dueAt: now + 90_000 };
    const due = {
      ...first,
      ...wait,
      state: "due" as const,
      phase: "backingOff" as const,
      reason: "Docker Hub answered 503",
    };
    const content = String(runPage(viewOf({ ...failed, steps: [due, second] }), anyone, now).content);
    expect(content).toContain('<p class="reason soon">Docker Hub answered 503</p>');
    expect(content).toMatch(/due.*in 1 min/s);
    expect(content).toContain('<p class="reason">&lt;img');
  });

  test("shows what each step was pushed as, and what that was built from", () => {
    const run = pastRun(harmless, { startedAt: now - 60_000, takesMs: () => 1_000 });
    const [a, b] = run.steps.map(({ pushed }) => pushed);
    const page = render(runPage(viewOf(run), signedIn, now));
    const short = `${a?.digest.slice(0, 19)}</span></summary><p class="name">${a?.digest}</p>`;
    expect(page).toContain(`${short}<p>linux/amd64, linux/arm64 · was `);
    expect(page).toContain(`${b?.digest.slice(0, 19)}</span> · built from a</summary>`);
    expect(page).toContain(`<p>linux/amd64, linux/arm64 · built from a@${a?.digest.slice(0, 19)} · was `);
  });

  test("shows the end of a long output", () => {
    const text = `begin${"x".repeat(20_000)}end`;
    const content = String(
      runPage(viewOf(failed, { output: { step: "a", text, isOpen: false } }), signedIn, now).content,
    );
    expect(content).toContain("xend</pre>");
    expect(content).not.toContain("begin");
  });
});

describe("the page of all images", () => {
  const states = ["stale", "behind", "unknown"] as const;
  const imagesOf = (count: number) => {
    const names = Array.from({ length: count / 50 }, (_, index) => `family-${index}`);
    const steps = Array.from({ length: 50 }, (_, index) => `image-${index}`);
    const { pipelines } = compileConfig({
      pipelines: Object.fromEntries(names.map((name) => [name, { image: `acme/${name}`, sequence: steps }])),
    });
    return pipelines.map((pipeline, at) => {
      const images = steps.flatMap((step, index) => {
        const state = states[(at + index) % 4];
        const since = now - ((index * 37) % 100) * 3_600_000;
        return state === undefined ? [] : { step, state, since, because: `debian:${index} is another` };
      });
      return { pipeline, state: { ...emptyState, look: { at: now - 60_000, images } } };
    });
  };
  const namesOf = (page: Page) =>
    [...String(page.content).matchAll(/<th scope="row">([^<]+)/g)].map(([, name]) => name);

  test("shows fifty of five thousand, in less than 40 KB, and says how many there are of each kind", () => {
    const page = freshnessPage(imagesOf(5_000), all, now);
    expect(namesOf(page)).toHaveLength(50);
    expect(render(page).length).toBeLessThan(40_000);
    expect(page.summary).toBe("1250 stale, 1250 behind, 1250 unknown, 1250 fresh");
    expect(String(page.content)).toContain("1 to 50 of 5000 images");
  });

  test("has each image on one of its pages, what is behind for the longest time first", () => {
    const entries = imagesOf(500);
    const shown = Array.from({ length: 10 }, (_, index) =>
      namesOf(freshnessPage(entries, { ...all, page: index + 1 }, now)),
    ).flat();
    expect(new Set(shown).size).toBe(500);
    const first = String(freshnessPage(entries, all, now).content);
    const instants = [...first.matchAll(/<td><time datetime="([^"]+)"[^>]*>[^<]*<\/time><td><a/g)].map(
      ([, at = ""]) => at,
    );
    expect(instants).toEqual(instants.toSorted());
  });

  test("is filtered by state, and searched by image, pipeline and reason", () => {
    const entries = imagesOf(500);
    const find = (find: string, show = "") => freshnessPage(entries, { show, find, page: 1 }, now);
    expect(namesOf(find("FAMILY-3:image-7"))).toEqual(["acme/family-3:image-7"]);
    expect(namesOf(find("debian:12 is"))).toHaveLength(8);
    expect(namesOf(find("family-4", "stale"))).toHaveLength(13);
    expect(String(find("nothing like this").content)).toContain("Show all");
    expect(namesOf(find("", "no such state"))).toHaveLength(50);
  });
});

describe("a page with many steps or pipelines", () => {
  test("shows fewer runs of a large pipeline, to stay small", () => {
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
    const page = pipelinePage({ pipeline, state: { ...emptyState, run }, ...newest(runs) }, signedIn, now);
    expect(render(page).length).toBeLessThan(37_000);
    expect(String(page.content)).toMatch(/Last (?:run|\d+ runs)</);
  });

  test("shows statuses in words, too", () => {
    const running = pastRun(hostile, { startedAt: now - 90_000, takesMs: () => 100_000, now });
    const page = pipelinesPage([{ pipeline: hostile, state: { ...emptyState, run: running } }], all, now);
    expect(page).toMatchObject({ summary: "1 building", live: "active", title: "1 building · Tagrelay" });
    expect(String(page.content)).toMatch(/0 of 2 done, .* building for 1m 30s/);
    expect(String(page.content)).toMatch(/building<\/span> started <time[^>]*>1 min ago/);
    const backingOff = {
      state: "due",
      phase: "backingOff",
      dueAt: now,
      giveUpAt: null,
      reason: "503",
    } as const;
    const steps = running.steps.map((one) => (one.state === "building" ? { ...one, ...backingOff } : one));
    const due = { ...running, steps };
    const retrying = pipelinesPage([{ pipeline: hostile, state: { ...emptyState, run: due } }], all, now);
    expect(String(retrying.content)).toMatch(/0 of 2 done, <span class="name">.*<\/span> due<\/p>/);
    const ended = pipelinesPage([{ pipeline: hostile, state: { ...emptyState, run: failed } }], all, now);
    expect(String(ended.content)).toMatch(/failed after /);
    const never = pipelinesPage([{ pipeline: hostile, state: emptyState }], all, now);
    expect(never).toMatchObject({ summary: "1 never run", live: "idle" });
  });

  test("does not change within a second while nothing happens", () => {
    const view = { pipeline: hostile, state: { ...emptyState, run: failed }, ...newest([failed]) };
    const at = (ms: number) => String(pipelinePage(view, anyone, ms).content);
    expect(at(now + 3_600_000)).toBe(at(now + 3_601_000));
  });
});
