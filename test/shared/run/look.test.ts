// The look at the registries that finds what went stale without any webhook, and steps that are only watched.
import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { neededSecrets } from "../../../shared/config/needed-secrets.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { ActionOf, Event, LookedAt } from "../../../shared/run/event.ts";
import { noticeOf } from "../../../shared/run/notice.ts";
import { emptyState, type PipelineState, wakeAtOf } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  hour,
  minute,
  pipelineOf,
  play,
  pushed,
  runId,
  second,
  started,
  statesOf,
  t0,
  tick,
} from "./story.ts";

const document = {
  image: "ghcr.io/acme/x",
  steps: {
    base: { image: "base", upstream: "debian:12" },
    api: { image: "api", after: "base" },
    web: { image: "web", after: "api" },
  },
};
const telling = pipelineOf({ ...document, look: "12h" });
const building = pipelineOf({ ...document, rebuild: "stale" });
const watching = pipelineOf({ ...document, watch: true });

const image = (step: string, state: LookedAt["state"], because = `${step} is ${state}`): LookedAt => ({
  step,
  state,
  because: [because],
  since: state === "stale" ? t0 - hour : null,
  isTemporary: false,
});
const unread = (step: string): LookedAt => ({
  ...image(step, "unknown", "registry.example.org answered 429"),
  isTemporary: true,
});
const allFresh = [image("base", "fresh"), image("api", "fresh"), image("web", "fresh")];
const baseStale = [image("base", "stale"), image("api", "behind"), image("web", "unknown")];
const found = (images: LookedAt[]): Event => ({ kind: "freshnessLookedAt", images, newRunId: "p.run-2" });
const planned = (atMs = 0): PipelineState => ({ ...emptyState, lookAt: t0 + atMs });

describe("the look at the registries", () => {
  test.each([
    [{}, null],
    [{ look: "12h" }, 12 * hour],
    [{ rebuild: "stale" }, 24 * hour],
    [{ watch: true }, 24 * hour],
    [{ rebuild: "stale", look: "off" }, null],
  ])("of a pipeline with %j comes every %j ms", (settings, everyMs) => {
    expect(pipelineOf({ ...document, ...settings }).lookEveryMs).toBe(everyMs);
  });

  test("of less than a minute is refused", () => {
    expect(() => pipelineOf({ ...document, look: "30s" })).toThrow(
      'pipelines.p.look: expected at least 1m, found "30s"',
    );
  });

  test("comes at the first tick, or a minute after the first change", () => {
    expect(actionsOf(decide(telling, emptyState, tick, t0))).toEqual(["look for stale images"]);
    expect(play(telling, [[0, started()]]).state.lookAt).toBe(t0 + minute);
    expect(play(pipelineOf(document), [[0, started()]]).state.lookAt).toBeNull();
  });

  test("is due at its time, without a write before its answer", () => {
    const state = planned();
    expect(actionsOf(decide(telling, state, tick, t0 - 1))).toEqual([]);
    const due = decide(telling, state, tick, t0);
    expect(due.state).toBe(state);
    const [look] = due.actions as ActionOf<"lookForStale">[];
    expect(look?.images.map(({ step }) => step)).toEqual(["base", "api", "web"]);
  });

  test("waits while a run builds", () => {
    const { state } = play(telling, [
      [0, started()],
      [second, accepted("base")],
    ]);
    const late = decide(telling, state, tick, t0 + 6 * minute);
    expect(actionsOf(late)).toEqual([]);
    expect(late.state.lookAt).toBe(t0 + 21 * minute);
  });

  test("comes a minute after each run", () => {
    const { state } = play(telling, [[0, started()]], planned(12 * hour));
    const ended = play(telling, [[minute, cancelled]], state);
    expect(ended.state.lookAt).toBe(t0 + 2 * minute);
  });

  test("stores what is not fresh, and when the next look comes", () => {
    const looked = play(telling, [[0, found(baseStale)]], planned());
    expect(looked.state.look).toEqual({
      at: t0,
      images: [
        { step: "base", state: "stale", since: t0 - hour, because: "base is stale" },
        { step: "api", state: "behind", since: null, because: "api is behind" },
        { step: "web", state: "unknown", since: null, because: "web is unknown" },
      ],
    });
    expect(looked.state.lookAt).toBe(t0 + 12 * hour);
    expect(wakeAtOf({ ...looked.state, outbox: [] })).toBe(t0 + 12 * hour);
    expect(play(telling, [[0, found(allFresh)]], planned()).state.look?.images).toEqual([]);
  });

  test("comes again in an hour, then in two, if not all could be read, and what was stale is not told again", () => {
    const looked = play(telling, [[0, found(baseStale)]], planned());
    const limited = play(
      telling,
      [[12 * hour, found([unread("base"), unread("api"), unread("web")])]],
      looked.state,
    );
    expect(actionsOf(limited)).toEqual([]);
    expect(limited.state.lookAt).toBe(t0 + 13 * hour);
    expect(limited.state.look?.images.map(({ step, state }) => `${step} ${state}`)).toEqual([
      "base stale",
      "api behind",
      "web unknown",
    ]);
    const still = play(telling, [[13 * hour, found([unread("base")])]], limited.state);
    expect(still.state.lookAt).toBe(t0 + 15 * hour);
    const again = play(telling, [[13 * hour, found(baseStale)]], limited.state);
    expect(actionsOf(again)).toEqual([]);
    expect(again.state.lookAt).toBe(t0 + 25 * hour);
  });

  test("tells once what is stale or behind, and tells what goes stale later", () => {
    const looked = play(telling, [[0, found(baseStale)]], planned());
    expect(actionsOf(looked)).toEqual(["notify imagesStale"]);
    const again = play(telling, [[12 * hour, found(baseStale)]], looked.state);
    expect(actionsOf(again)).toEqual([]);
    const more = play(
      telling,
      [[24 * hour, found([...baseStale.slice(0, 2), image("web", "behind")])]],
      again.state,
    );
    const [notice] = more.actions as ActionOf<"deliverOutboxEntry">[];
    expect(notice?.entry).toMatchObject({ subject: "imagesStale", runId: null, failed: [{ step: "web" }] });
    expect(actionsOf(play(telling, [[0, found(allFresh)]], planned()))).toEqual([]);
  });

  test("starts a run of what is stale with rebuild: stale, which looks again before it builds", () => {
    const looked = play(building, [[0, found(baseStale)]], planned());
    expect(looked.state.run).toMatchObject({ cause: "stale", from: ["base"], onlyStale: true });
    expect(actionsOf(looked)).toEqual(["look at base"]);
  });

  test("starts one run at most from one regular look to the next", () => {
    const begun = play(building, [[0, found(baseStale)]], planned()).state;
    const tried = play(building, [[hour, cancelled]], {
      ...begun,
      run: begun.run && { ...begun.run, id: runId },
    });
    expect(tried.state.lookAt).toBe(t0 + hour + minute);
    const again = play(building, [[hour + minute, found(baseStale)]], tried.state);
    expect(again.state.run).toMatchObject({ id: runId, status: "cancelled" });
    const nextDay = play(building, [[25 * hour + minute, found(baseStale)]], again.state);
    expect(nextDay.state.run).toMatchObject({ id: "p.run-2", status: "running" });
  });

  test("starts nothing if images are only unknown, or behind an image that is built elsewhere", () => {
    for (const images of [[image("base", "unknown")], [image("api", "behind")]]) {
      expect(play(building, [[0, found(images)]], planned()).state.run).toBeNull();
    }
    const steps = { ...document.steps, base: { ...document.steps.base, watch: true } };
    const elsewhere = pipelineOf({ ...document, steps, rebuild: "stale" });
    const told = play(elsewhere, [[0, found(baseStale)]], planned());
    expect(told.state.run).toBeNull();
    expect(actionsOf(told)).toEqual(["notify imagesStale"]);
  });

  test("ends when the configuration no longer asks for it", () => {
    const off = pipelineOf({ ...document, look: "off" });
    expect(decide(off, planned(), tick, t0).state.lookAt).toBeNull();
    expect(decide(off, planned(), found(baseStale), t0)).toMatchObject({ outcome: { kind: "ignored" } });
  });
});

test("the notice of stale images goes to the channels that want it, and says what to do", () => {
  const notify = { ops: ["stale"], dev: ["failed"] };
  const channels = { ops: { slack: { secret: "A" } }, dev: { slack: { secret: "B" } } };
  const [pipeline] = compileConfig({
    channels,
    pipelines: { p: { ...document, look: "24h", notify } },
  }).pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  const notices = decide(pipeline, planned(), found(baseStale), t0)
    .actions as ActionOf<"deliverOutboxEntry">[];
  const entries = notices.flatMap(({ entry }) => (entry.kind === "notify" ? entry : []));
  expect(entries.map(({ channel }) => channel)).toEqual([null, "ops"]);
  const [, entry] = entries;
  if (entry === undefined) throw new Error("expected a notice");
  expect(noticeOf(pipeline, entry, "https://relay.example.org", t0)).toMatchObject({
    subject: "stale",
    title: "p has images that are behind",
    runId: null,
    since: t0 - hour,
    steps: [
      { name: "base", reason: "base is stale" },
      { name: "api", reason: "api is behind" },
    ],
    remarks: ["Build what is stale: tagrelay run p --only-stale."],
    url: "https://relay.example.org/freshness",
  });
});

describe("a step that is only watched", () => {
  const steps = { ...document.steps, base: { ...document.steps.base, watch: true } };
  const mixed = pipelineOf({ ...document, steps });

  test("is part of no run, and what comes after it does not wait for it", () => {
    const run = play(mixed, [[0, started()]]);
    expect(statesOf(run)).toEqual({ base: "skipped", api: "triggering", web: "waiting" });
  });

  test("starts what comes after it when its tag is pushed", () => {
    const run = play(mixed, [[0, pushed("base")]]);
    expect(run.state.run).toMatchObject({ cause: "push", from: ["api"] });
    expect(play(watching, [[0, pushed("base")]])).toMatchObject({
      outcome: { kind: "ignored", reason: 'no run is active, and nothing is built after step "base"' },
    });
  });

  test("is not built because of a new upstream", () => {
    const seen = (digest: string): Event => ({
      kind: "upstreamsLookedUp",
      newRunId: "p.run-2",
      digests: [{ image: "library/debian:12", digest, platforms: null }],
    });
    const changed = play(mixed, [
      [0, seen("one")],
      [hour, seen("two")],
    ]);
    expect(changed.state.run).toBeNull();
  });

  test("needs no secret", () => {
    const { pipelines } = compileConfig({ pipelines: { p: { ...document, watch: true } } });
    const config = { pipelines, channels: [], logins: [], webhookSecrets: [] };
    expect(neededSecrets(config)).toEqual([]);
  });

  test("refuses a run if nothing else is there to build", () => {
    expect(play(watching, [[0, started()]]).outcome).toEqual({
      kind: "refused",
      reason: "there is nothing to build: these steps are only watched",
    });
  });
});

test("a look that is reported twice starts one run", () => {
  const once = decide(building, planned(), found(baseStale), t0);
  expect(once.state.run?.id).toBe("p.run-2");
  const twice = decide(building, once.state, found(baseStale), t0 + second);
  expect(twice.state.queuedRun).toBeNull();
});
