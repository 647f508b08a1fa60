// Whether a pushed image stands on its bases decides whether its step is done.
import { describe, expect, test } from "vitest";
import type { Evidence, PushedImage, StandsOn } from "../../../shared/evidence/evidence.ts";
import { decide } from "../../../shared/run/decide.ts";
import type { ActionOf, Decision, Event } from "../../../shared/run/event.ts";
import { findStepRun, type PipelineState, reasonOf } from "../../../shared/run/state.ts";
import { digestOf } from "../../stand-ins/registry.ts";
import {
  accepted,
  actionsOf,
  cancelled,
  confirmed,
  hour,
  lookedUp,
  minute,
  pipelineOf,
  play,
  pushed,
  runId,
  second,
  started,
  statesOf,
  type TimedEvent,
  t0,
  withDigests,
} from "./story.ts";

const old = digestOf("0");
const base = digestOf("b");
const stale = digestOf("5");
const good = digestOf("9");
const document = { image: "ghcr.io/acme/x", confirm: "registry", sequence: ["base", "api", "web"] };
const auto = pipelineOf(document);
const required = pipelineOf({ ...document, verify: "required" });
const off = pipelineOf({ ...document, verify: "off" });
const github = { repository: "acme/x", workflow: "image.yml", secret: "GITHUB_TOKEN" };
const built = pipelineOf({ ...document, trigger: { github }, done: "built" });

const found = (digest: string) => ({ kind: "found", digest }) as const;
const onBase = (verdict: StandsOn["verdict"], digest: string = base): StandsOn => ({
  base: { kind: "step", step: "base" },
  digest,
  verdict,
});
const image = (digest: string, standsOn: StandsOn[] = [], platforms: string[] = []): PushedImage => ({
  digest,
  platforms,
  standsOn,
});
const evidenceOf = (image: PushedImage, ...contradictions: string[]): Evidence => ({
  kind: "found",
  pushed: image,
  contradictions,
});
/** A confirmed push whose evidence has been gathered. */
const shown = (
  step: string,
  evidence: Evidence,
  digest = evidence.kind === "found" ? evidence.pushed.digest : good,
): Event =>
  ({
    ...confirmed(step, found(digest), null, "p.run-2", digest),
    evidence,
  }) as Event;

const baseDone: TimedEvent[] = [
  [0, withDigests(started(), { base: old })],
  [second, accepted("base")],
  [minute, withDigests(shown("base", evidenceOf(image(base))), { api: old })],
  [minute + second, accepted("api")],
];
const proven = evidenceOf(image(good, [onBase("proven")]));
const contradicted = evidenceOf(image(stale, [onBase("contradicted", old)]), "stands on the one before");
const unknown = evidenceOf(image(good, [onBase("unknown")]));
const unread: Evidence = { kind: "unknown", reason: "ghcr.io answered 503", isTemporary: true };
const api = ({ state }: Pick<Decision, "state">) => findStepRun(state.run, "api");

describe("evidence", () => {
  test("is gathered before anything is saved, about what the bases were pushed as in this run", () => {
    const { state } = play(auto, baseDone);
    const decision = decide(
      auto,
      state,
      confirmed("api", found(good), null, "p.run-2", good),
      t0 + 2 * minute,
    );
    expect(decision).toMatchObject({ state, outcome: null });
    expect(actionsOf(decision)).toEqual(["verify api"]);
    const [action] = decision.actions as ActionOf<"gatherEvidence">[];
    expect(action).toMatchObject({
      image: { repository: "ghcr.io/acme/x", tag: "api" },
      digest: good,
      bases: [{ name: { kind: "step", step: "base" }, digest: base, earlier: [old] }],
    });
  });

  test("is gathered once the registry shows a push whose webhook was lost", () => {
    const { state } = play(auto, baseDone);
    const decision = decide(auto, state, lookedUp("api", found(good)), t0 + hour);
    expect(actionsOf(decision)).toEqual(["verify api"]);
  });

  test("is gathered when a builder reports success", () => {
    const { state } = play(built, [[0, started()]]);
    const end = { kind: "succeeded" } as const;
    const ended: Event = { kind: "buildEnded", runId, step: "base", attempt: 1, end, random: 0 };
    expect(actionsOf(decide(built, state, ended, t0 + minute))).toEqual(["verify base"]);
    const done = decide(built, state, { ...ended, evidence: evidenceOf(image(base)) }, t0 + minute);
    expect(done.state.completions).toMatchObject([{ step: "base", digest: base }]);
  });

  test.each([
    ["verify: off", off, confirmed("api", found(good), null, "p.run-2", good)],
    ["a push of unknown digest", auto, confirmed("api", { kind: "pushed", at: t0 + hour, hubAt: t0 + hour })],
  ])("is not gathered for %s", (_what, pipeline, event) => {
    const { state } = play(pipeline, baseDone);
    const decision = play(pipeline, [[hour, event]], state);
    expect(statesOf(decision)).toMatchObject({ api: "done", web: "triggering" });
  });

  test("is not gathered with confirm: webhook, which asks no registry", () => {
    const believing = pipelineOf({ ...document, confirm: "webhook" });
    const decision = play(believing, [...baseDone, [hour, pushed("api", null, "p.run-2", good)]]);
    expect(statesOf(decision)).toMatchObject({ api: "done", web: "triggering" });
  });

  test("is not gathered for pushes outside of runs, which only start what comes after", () => {
    const ended = play(auto, [
      [0, started()],
      [second, cancelled],
    ]);
    const event = confirmed("base", found(good), null, "p.run-2", good);
    const decision = play(auto, [[10 * hour, event]], ended.state);
    expect(decision.state.run?.id).toBe("p.run-2");
  });
});

test("what a step was pushed as is part of its run, and of the record of its push", () => {
  const platforms = ["linux/amd64", "linux/arm64"];
  const decision = play(auto, [
    ...baseDone,
    [hour, shown("api", evidenceOf(image(good, [onBase("proven")], platforms)))],
  ]);
  expect(api(decision)).toMatchObject({ state: "done", pushed: image(good, [onBase("proven")], platforms) });
  expect(decision.state.completions.find(({ step }) => step === "api")).toMatchObject({
    digest: good,
    platforms,
    standsOn: [onBase("proven")],
  });
});

test("how a step's end became known is part of its run", () => {
  const reporterOf = (event: Event) => {
    const stepRun = api(play(auto, [...baseDone, [hour, event]]));
    return stepRun?.state === "done" ? stepRun.reportedBy : null;
  };
  expect(reporterOf(shown("api", proven))).toBe("webhook");
  expect(reporterOf({ ...lookedUp("api", found(good)), evidence: proven } as Event)).toBe("lookUp");
});

test("a step that is done is built again if it must stand on a base that it has not been compared with", () => {
  const { state } = play(required, [...baseDone, [hour, shown("api", proven)]]);
  const other = pipelineOf({
    image: "ghcr.io/acme/x",
    confirm: "registry",
    verify: "required",
    steps: {
      base: { image: "base" },
      tools: { image: "tools" },
      web: { image: "web", after: "tools" },
      api: { image: "api", after: ["base", "web"] },
    },
  });
  expect(statesOf(play(other, [[2 * hour, { kind: "tick" }]], state))).toMatchObject({
    base: "done",
    api: "waiting",
  });
  const auto = { ...other, steps: other.steps.map((step) => ({ ...step, verify: "auto" as const })) };
  const kept = {
    ...auto,
    steps: auto.steps.map((step) => ({ ...step, after: step.after.filter((name) => name === "base") })),
  };
  expect(statesOf(decide(kept, state, { kind: "tick" }, t0 + 2 * hour))).toMatchObject({ api: "done" });
});

describe("a contradicted image", () => {
  const again = play(auto, [...baseDone, [hour, shown("api", contradicted)]]);

  test("does not count: its step is built again, and what comes after it waits", () => {
    expect(again.outcome).toEqual({ kind: "advanced" });
    expect(statesOf(again)).toEqual({ base: "done", api: "due", web: "waiting" });
    const stepRun = api(again);
    expect(stepRun).toMatchObject({ retriesUsed: 1, pushed: { digest: stale }, triggeredAt: null });
    expect(stepRun && reasonOf(stepRun)).toBe(
      'its image stands on the one before; the builder did not pull the new base: build with --pull ("pull: true" in build-push-action), or pass {pins} as build contexts',
    );
  });

  test("fails its step when no retry is left", () => {
    const failed = play(
      auto,
      [
        [2 * hour, { kind: "tick" }],
        [2 * hour + second, accepted("api", 2)],
        [
          3 * hour,
          shown(
            "api",
            evidenceOf(image(digestOf("6"), [onBase("contradicted", old)]), "stands on the one before"),
          ),
        ],
      ],
      again.state,
    );
    expect(statesOf(failed)).toEqual({ base: "done", api: "failed", web: "skipped" });
    expect(failed.state.run?.status).toBe("failed");
  });

  test("is not taken for the push of the next build", () => {
    const rebuilding = play(
      auto,
      [
        [2 * hour, { kind: "tick" }],
        [2 * hour + second, accepted("api", 2)],
      ],
      again.state,
    );
    expect(api(rebuilding)).toMatchObject({ state: "building", digestBefore: stale });
    const repeated = confirmed("api", found(stale), null, "p.run-2", null);
    expect(statesOf(decide(auto, rebuilding.state, repeated, t0 + 3 * hour))).toMatchObject({
      api: "building",
    });
    const better = play(auto, [[3 * hour, shown("api", proven)]], rebuilding.state);
    expect(statesOf(better)).toMatchObject({ api: "done", web: "triggering" });
  });

  test("of a failed step is not judged again", () => {
    const none = pipelineOf({ ...document, retries: 0, sequence: ["base", ["api", "web"]] });
    const failed = play(none, [...baseDone, [hour, shown("api", contradicted)]]);
    expect(statesOf(failed)).toMatchObject({ api: "failed", web: "triggering" });
    const repeated = confirmed("api", found(stale), null, "p.run-2", stale);
    const decision = decide(none, failed.state, repeated, t0 + 2 * hour);
    expect(decision).toMatchObject({ outcome: { kind: "ignored" }, actions: [], state: failed.state });
    const better = play(none, [[2 * hour, shown("api", proven)]], failed.state);
    expect(statesOf(better)).toMatchObject({ api: "done" });
  });

  test("starts nothing once its run has failed", () => {
    const none = pipelineOf({ ...document, retries: 0 });
    const failed = play(none, [...baseDone, [hour, shown("api", contradicted)]]);
    expect(failed.state.run?.status).toBe("failed");
    const repeated = pushed("api", null, "p.run-2", stale);
    expect(decide(none, failed.state, repeated, t0 + 2 * hour).outcome?.kind).toBe("duplicate");
  });

  test("by its builder's report is built again, too", () => {
    const { state } = play(built, [[0, started()]]);
    const end = { kind: "succeeded" } as const;
    const ended: Event = {
      kind: "buildEnded",
      runId,
      step: "base",
      attempt: 1,
      end,
      random: 0,
      evidence: contradicted,
    };
    expect(statesOf(decide(built, state, ended, t0 + minute))).toMatchObject({ base: "due", api: "waiting" });
  });
});

describe("a push of a step whose run was cancelled meanwhile", () => {
  const cancelledRun = play(required, [...baseDone, [hour, cancelled]]);
  const arriving = (evidence: Evidence) =>
    play(required, [[hour + minute, shown("api", evidence)]], cancelledRun.state);

  test("is verified, too", () => {
    const event = confirmed("api", found(good), null, "p.run-2", good);
    expect(actionsOf(decide(required, cancelledRun.state, event, t0 + hour + minute))).toEqual([
      "verify api",
    ]);
    expect(api(arriving(proven))).toMatchObject({ state: "done", pushed: { digest: good } });
  });

  test("is built again by a retry of the run, if it does not stand on its base", () => {
    for (const evidence of [contradicted, unknown]) {
      expect(api(arriving(evidence))).toMatchObject({ state: "skipped" });
    }
  });

  test("is looked up again while the registry is down", () => {
    expect(arriving(unread).state.pendingConfirmations).toMatchObject([{ step: "api" }]);
  });
});

describe("platforms", () => {
  const both = ["linux/amd64", "linux/arm64"];
  const pushedBase = (platforms: string[], pipeline = auto, from?: PipelineState) =>
    play(
      pipeline,
      [
        [0, withDigests(started({ newRunId: from === undefined ? runId : "p.run-3" }), { base: old })],
        [second, accepted("base", 1, from === undefined ? runId : "p.run-3")],
        [minute, shown("base", evidenceOf(image(platforms.length === 1 ? good : base, [], platforms)))],
      ],
      from,
    );
  const before = play(auto, [[2 * minute, cancelled]], pushedBase(both).state).state;

  test("that the tag had before must still be there", () => {
    const lost = pushedBase(["linux/amd64"], auto, before);
    const stepRun = findStepRun(lost.state.run, "base");
    expect(stepRun?.state).toBe("due");
    expect(stepRun && reasonOf(stepRun)).toBe(
      'its image has no linux/arm64, only linux/amd64; it had linux/arm64 before. If that is intended, list its platforms: "platforms: [linux/amd64]"',
    );
    // They are still expected of the next build.
    expect(lost.state.completions).toMatchObject([{ platforms: both }]);
  });

  test("that are new in a push that is refused for another reason are expected from then on", () => {
    const three = [...both, "linux/s390x"];
    const refused = evidenceOf(image(base, [], three), "stands on the one before");
    const events: TimedEvent[] = [
      [0, withDigests(started({ newRunId: "p.run-3" }), { base: old })],
      [second, accepted("base", 1, "p.run-3")],
      [minute, shown("base", refused)],
    ];
    expect(play(auto, events, before).state.completions).toMatchObject([{ platforms: three }]);
  });

  test("that the step names are the ones that it must have", () => {
    const one = pipelineOf({ ...document, platforms: ["linux/amd64"] });
    expect(statesOf(pushedBase(["linux/amd64"], one, before))).toMatchObject({ base: "done" });
    const three = pipelineOf({ ...document, platforms: [...both, "linux/arm64/v8", "linux/s390x"] });
    const stepRun = findStepRun(pushedBase(both, three).state.run, "base");
    expect(stepRun && reasonOf(stepRun)).toBe("its image has no linux/s390x, only linux/amd64, linux/arm64");
  });

  test("that are not known are not missed", () => {
    expect(statesOf(pushedBase([], auto, before))).toMatchObject({ base: "done" });
  });
});

describe("what nothing tells", () => {
  test.each([
    ["an unknown verdict", unknown],
    ["a registry that cannot be read", unread],
  ])("is accepted by default: %s", (_what, evidence) => {
    const decision = play(auto, [...baseDone, [hour, shown("api", evidence, good)]]);
    expect(statesOf(decision)).toMatchObject({ api: "done", web: "triggering" });
    expect(api(decision)?.pushed?.digest).toBe(good);
  });

  test("fails a step with verify: required, at once, because another build would change nothing", () => {
    const decision = play(required, [...baseDone, [hour, shown("api", unknown)]]);
    expect(statesOf(decision)).toEqual({ base: "done", api: "failed", web: "skipped" });
    expect(api(decision)).toMatchObject({
      reason:
        'nothing shows that its image stands on base; if it only copies files from there, set "verify: auto" for the step',
    });
  });

  test("with verify: required, is asked again while the registry is down", () => {
    const asked = play(required, [...baseDone, [hour, shown("api", unread, good)]]);
    expect(statesOf(asked)).toMatchObject({ api: "building" });
    expect(asked.state.pendingConfirmations).toMatchObject([{ step: "api", digest: good }]);
    const done = play(required, [[hour + minute, shown("api", proven)]], asked.state);
    expect(statesOf(done)).toMatchObject({ api: "done" });
    const found = { ...lookedUp("api", { kind: "found", digest: good }), evidence: unread } as Event;
    expect(statesOf(play(required, [...baseDone, [hour, found]]))).toMatchObject({ api: "building" });
  });

  test("includes a later push of the base than this run's, with verify: required", () => {
    const later = evidenceOf(image(good, [onBase("proven", digestOf("c"))]));
    expect(statesOf(play(auto, [...baseDone, [hour, shown("api", later)]]))).toMatchObject({ api: "done" });
    const decision = play(required, [...baseDone, [hour, shown("api", later)]]);
    expect(api(decision)).toMatchObject({
      state: "failed",
      reason: `its image stands on a later push of base (sha256:${"c".repeat(12)}) than this run's (sha256:${"b".repeat(12)}); pass {pins} as build contexts`,
    });
    expect(statesOf(play(required, [...baseDone, [hour, shown("api", proven)]]))).toMatchObject({
      api: "done",
    });
  });
});

test("with verify: required, a base that is not part of the run may have been pushed since", () => {
  const whole = play(required, [...baseDone, [hour, shown("api", proven)]]);
  const { state } = play(required, [[2 * hour, cancelled]], whole.state);
  const later = evidenceOf(image(digestOf("7"), [onBase("proven", digestOf("c"))]));
  const decision = play(
    required,
    [
      [3 * hour, withDigests(started({ newRunId: "p.run-2", from: ["api"] }), { api: good })],
      [3 * hour + second, accepted("api", 1, "p.run-2")],
      [3 * hour + minute, shown("api", later)],
    ],
    state,
  );
  expect(statesOf(decision)).toMatchObject({ base: "skipped", api: "done" });
});

describe("the next trigger", () => {
  const pinsOf = (decision: Decision) =>
    decision.actions.flatMap((action) => (action.kind === "triggerStep" ? action.bases : []));

  test("gets what the steps before it were pushed as in this run", () => {
    expect(pinsOf(play(auto, [...baseDone, [hour, shown("api", proven)]]))).toEqual([
      {
        step: "base",
        image: "ghcr.io/acme/x:base",
        digest: base,
        pinned: `ghcr.io/acme/x@${base}`,
        isDirect: false,
      },
      {
        step: "api",
        image: "ghcr.io/acme/x:api",
        digest: good,
        pinned: `ghcr.io/acme/x@${good}`,
        isDirect: true,
      },
    ]);
  });

  test("gets what they were last pushed as, if they are not part of the run", () => {
    const ended = play(auto, [...baseDone, [hour, cancelled]]);
    const decision = play(auto, [[2 * hour, started({ newRunId: "p.run-3", from: ["api"] })]], ended.state);
    expect(pinsOf(decision)).toMatchObject([{ step: "base", digest: base }]);
  });

  test("gets their names, if nothing tells what they were pushed as", () => {
    const believing = pipelineOf({ ...document, confirm: "webhook" });
    const decision = play(believing, [
      [0, started()],
      [minute, pushed("base")],
    ]);
    expect(pinsOf(decision)).toEqual([
      {
        step: "base",
        image: "ghcr.io/acme/x:base",
        digest: null,
        pinned: "ghcr.io/acme/x:base",
        isDirect: true,
      },
    ]);
  });
});
