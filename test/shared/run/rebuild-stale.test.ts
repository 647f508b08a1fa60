// `rebuild: stale` and runs of stale images only: a step is built unless its image stands on what its bases are now.
import { describe, expect, test } from "vitest";
import type { Evidence, PushedImage, StandsOn } from "../../../shared/evidence/evidence.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { ActionOf, Event } from "../../../shared/run/event.ts";
import { emptyState, findStepRun, type PipelineState } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  confirmed,
  hour,
  minute,
  pipelineOf,
  play,
  retried,
  runId,
  second,
  started,
  statesOf,
  type TimedEvent,
  t0,
} from "./story.ts";

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const [baseNow, baseBefore, apiNow] = [digestOf("b"), digestOf("0"), digestOf("a")];
const document = { image: "ghcr.io/acme/x", confirm: "registry", sequence: ["base", "api", "web"] };
const always = pipelineOf(document);
const stale = pipelineOf({ ...document, rebuild: "stale" });
const onlyStale = { ...started(), onlyStale: true } as Event;

const on = (step: string, verdict: StandsOn["verdict"], digest: string | null = baseNow): StandsOn => ({
  base: { kind: "step", step },
  digest,
  verdict,
});
const evidenceOf = (pushed: Partial<PushedImage>, ...contradictions: string[]): Evidence => ({
  kind: "found",
  pushed: { digest: apiNow, platforms: [], standsOn: [], ...pushed },
  contradictions,
});
const lookedAt = (step: string, evidence: Evidence, attempt = 0, run = runId): Event => ({
  kind: "stepLookedAt",
  runId: run,
  step,
  attempt,
  evidence,
});
const unread: Evidence = { kind: "unknown", reason: "ghcr.io answered 503", isTemporary: true };
const baseBuilt: TimedEvent[] = [
  [0, started()],
  [second, accepted("base")],
  [
    minute,
    {
      ...confirmed("base", { kind: "found", digest: baseNow }, null, "p.run-2", baseNow),
      evidence: evidenceOf({ digest: baseNow }),
    } as Event,
  ],
];
const freshApi = evidenceOf({ standsOn: [on("base", "proven")] });

describe("a run under rebuild: stale", () => {
  test("builds a step without a base, and looks at the image of one that has a base before it builds it", () => {
    expect(statesOf(play(stale, [[0, started()]]))).toMatchObject({ base: "triggering" });
    const built = play(stale, baseBuilt);
    expect(actionsOf(built)).toEqual(["look at api"]);
    const [look] = built.actions as ActionOf<"lookAtStep">[];
    expect(look).toMatchObject({
      image: { tag: "api" },
      bases: [{ name: { kind: "step", step: "base" }, digest: baseNow }],
    });
    expect(actionsOf(play(always, baseBuilt))).toEqual(["trigger api 1"]);
  });

  test("does not build a fresh step, tells why, and looks at what comes after it", () => {
    const fresh = play(stale, [...baseBuilt, [minute + second, lookedAt("api", freshApi)]]);
    expect(findStepRun(fresh.state.run, "api")).toMatchObject({
      state: "fresh",
      reason: "it stands on base@sha256:bbbbbbbbbbbb",
      pushed: { digest: apiNow },
    });
    expect(actionsOf(fresh)).toEqual(["look at web"]);
    const [look] = fresh.actions as ActionOf<"lookAtStep">[];
    expect(look?.bases).toMatchObject([{ name: { step: "api" }, digest: apiNow }]);
  });

  test("succeeds when all that is left is fresh", () => {
    const web = evidenceOf({ standsOn: [on("api", "proven", apiNow)] });
    const ended = play(stale, [
      ...baseBuilt,
      [minute + second, lookedAt("api", freshApi)],
      [minute + 2 * second, lookedAt("web", web)],
    ]);
    expect(ended.state.run?.status).toBe("succeeded");
    expect(statesOf(ended)).toEqual({ base: "done", api: "fresh", web: "fresh" });
    expect(ended.state.outage).toBeNull();
  });

  test.each([
    [
      "stands on an earlier base",
      evidenceOf({ standsOn: [on("base", "contradicted", baseBefore)] }, "stands on the one before"),
      // Without advice to those who built it: nothing was built.
      /^its image stands on the one before$/,
    ],
    ["cannot be read", unread, /it may be stale: ghcr.io answered 503/],
    ["shows nothing of its base", evidenceOf({ standsOn: [on("base", "unknown")] }), /nothing shows/],
    ["was not compared with its base", evidenceOf({}), /nothing shows/],
  ])("builds a step whose image %s, and tells why", (_what, evidence, reason) => {
    const built = play(stale, [...baseBuilt, [minute + second, lookedAt("api", evidence)]]);
    expect(actionsOf(built)).toEqual(["trigger api 1"]);
    expect(built.state.run?.log.find(({ step, state }) => step === "api" && state === "due")).toBeDefined();
    const delayed = pipelineOf({ ...document, rebuild: "stale", delay: "1m" });
    const waiting = play(delayed, [...baseBuilt, [minute + second, lookedAt("api", evidence)]]);
    expect(findStepRun(waiting.state.run, "api")).toMatchObject({
      state: "due",
      dueAt: t0 + 2 * minute + second,
      reason: expect.stringMatching(reason),
    });
  });

  test("builds a step whose image lacks one of its platforms", () => {
    const platforms = ["linux/amd64", "linux/arm64"];
    const named = pipelineOf({ ...document, rebuild: "stale", platforms });
    const has = (found: string[]) => evidenceOf({ platforms: found, standsOn: [on("base", "proven")] });
    const base = {
      ...confirmed("base", { kind: "found", digest: baseNow }, null, "p.run-2", baseNow),
      evidence: evidenceOf({ digest: baseNow, platforms }),
    } as Event;
    const built: TimedEvent[] = [...baseBuilt.slice(0, 2), [minute, base]];
    const lost = play(named, [...built, [hour, lookedAt("api", has(["linux/amd64"]))]]);
    expect(statesOf(lost)).toMatchObject({ api: "triggering" });
    const whole = play(named, [...built, [hour, lookedAt("api", has(platforms))]]);
    expect(statesOf(whole)).toMatchObject({ api: "fresh" });
  });

  test("compares with what the tag is now, if the base is not part of the run", () => {
    const state: PipelineState = {
      ...emptyState,
      completions: [
        {
          step: "base",
          at: t0,
          pushedAt: null,
          hubAt: null,
          digest: baseBefore,
          platforms: [],
          standsOn: [],
        },
      ],
    };
    const pushed = confirmed("base", { kind: "found", digest: baseNow }, null, runId, baseNow);
    const [look] = play(stale, [[hour, pushed]], state).actions as ActionOf<"lookAtStep">[];
    expect(look).toMatchObject({ kind: "lookAtStep", step: "api", bases: [{ digest: null }] });
  });

  test("builds a step that somebody asked for, and looks at what comes after it", () => {
    const asked = play(stale, [[0, started({ from: ["api"] })]]);
    expect(actionsOf(asked)).toEqual(["trigger api 1"]);
  });

  test("takes a base that files are only copied from as unchanged if the same image was pushed on the same digest", () => {
    const known = (digest: string, standsOn: StandsOn[]): PipelineState => ({
      ...play(stale, baseBuilt).state,
      completions: [{ step: "api", at: t0, pushedAt: null, hubAt: null, digest, platforms: [], standsOn }],
    });
    const shown = lookedAt("api", evidenceOf({ standsOn: [on("base", "unknown")] }));
    const decideOn = (state: PipelineState) => statesOf(play(stale, [[hour, shown]], state));
    expect(decideOn(known(apiNow, [on("base", "unknown")]))).toMatchObject({ api: "fresh" });
    expect(decideOn(known(apiNow, [on("base", "unknown", baseBefore)]))).toMatchObject({ api: "triggering" });
    expect(decideOn(known(digestOf("9"), [on("base", "unknown")]))).toMatchObject({ api: "triggering" });
    expect(decideOn(known(apiNow, [on("base", "unknown", null)]))).toMatchObject({ api: "triggering" });
  });

  test("looks again if the answer was lost", () => {
    const { state } = play(stale, baseBuilt);
    expect(actionsOf(decide(stale, state, { kind: "tick" }, t0 + minute + second))).toEqual([]);
    expect(actionsOf(decide(stale, state, { kind: "tick" }, t0 + 2 * minute))).toEqual(["look at api"]);
  });

  test("ignores a late look at a step that has moved on", () => {
    const { state } = play(stale, [...baseBuilt, [minute + second, lookedAt("api", unread)]]);
    const late = decide(stale, state, lookedAt("api", freshApi), t0 + 2 * minute);
    expect(late).toMatchObject({ state, outcome: { kind: "ignored" } });
    const other = decide(stale, state, lookedAt("api", freshApi, 0, "p.run-0"), t0 + 2 * minute);
    expect(other).toMatchObject({ state, outcome: { kind: "ignored" } });
  });

  test("looks again at fresh steps when it is retried", () => {
    const { state } = play(stale, [
      ...baseBuilt,
      [minute + second, lookedAt("api", freshApi)],
      [hour, { kind: "cancelled", runId }],
    ]);
    expect(statesOf({ state })).toEqual({ base: "done", api: "fresh", web: "skipped" });
    expect(actionsOf(play(stale, [[2 * hour, retried]], state))).toEqual(["look at api"]);
  });

  test("looks again at a fresh step that comes after another step since", () => {
    const { state } = play(stale, [...baseBuilt, [minute + second, lookedAt("api", freshApi)]]);
    const steps = {
      base: { image: "base" },
      tools: { image: "tools" },
      api: { image: "api", after: ["base", "tools"] },
      web: { image: "web", after: "api" },
    };
    const redeployed = pipelineOf({ image: "ghcr.io/acme/x", confirm: "registry", rebuild: "stale", steps });
    expect(statesOf(play(redeployed, [[2 * minute, { kind: "tick" }]], state))).toMatchObject({
      api: "waiting",
    });
  });
});

describe("a run of stale images only", () => {
  test("looks at every step, whatever the pipeline says, and leaves what has no base", () => {
    const begun = play(always, [[0, onlyStale]]);
    expect(actionsOf(begun)).toEqual(["look at base"]);
    const rooted = play(always, [[second, lookedAt("base", evidenceOf({ digest: baseNow }))]], begun.state);
    expect(findStepRun(rooted.state.run, "base")).toMatchObject({ state: "fresh", reason: "it has no base" });
    expect(actionsOf(rooted)).toEqual(["look at api"]);
  });

  test("builds a step whose image is not there", () => {
    const missing: Evidence = {
      kind: "unknown",
      reason: "ghcr.io/acme/x:base is not at its registry",
      isTemporary: true,
    };
    const begun = play(always, [
      [0, onlyStale],
      [second, lookedAt("base", missing)],
    ]);
    expect(statesOf(begun)).toMatchObject({ base: "triggering" });
  });
});
