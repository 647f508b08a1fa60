import { describe, expect, test } from "vitest";
import type { RunView } from "./api.ts";
import { checkPipeline } from "./check-runs.ts";
import type { Trigger, Truth } from "./observed.ts";
import type { ChaosPipeline } from "./pipelines.ts";

const pipeline: ChaosPipeline = {
  name: "p",
  steps: [
    { name: "a", image: "x/y:a", after: [] },
    { name: "b", image: "x/y:b", after: ["a"] },
  ],
  document: {},
};
const instant = (seconds: number) => new Date(seconds * 1000).toISOString();

/** A run from 100 s to 200 s. */
function runOf(status: RunView["status"], ...[a, b]: [Partial<Step>?, Partial<Step>?]): RunView {
  const step = { state: "done", attempts: 1, triggeredAt: instant(101) };
  const steps = [
    { name: "a", image: "x/y:a", ...step, ...a },
    { name: "b", image: "x/y:b", ...step, ...b },
  ];
  return { id: "r", pipeline: "p", status, startedAt: instant(100), endedAt: instant(200), steps };
}
type Step = RunView["steps"][number];

function trigger(tag: string, atSeconds: number, more: Partial<Trigger> = {}): Trigger {
  const at = atSeconds * 1000;
  const build: Trigger["build"] = { kind: "pushed", at: at + 500 };
  return {
    image: `x/y:${tag}`,
    sentAt: at,
    receivedAt: at,
    fault: "none",
    isCopy: false,
    life: 1,
    build,
    ...more,
  };
}

function truthOf(triggers: Trigger[], more: Partial<Truth> = {}): Truth {
  const pushes = new Map<string, number[]>();
  for (const { image, build } of triggers) {
    if (build.kind === "pushed") pushes.set(image, [...(pushes.get(image) ?? []), build.at]);
  }
  const nothing = { lookUps: [], cutTriggers: [], kills: [], wasLoggedAsAccepted: () => false };
  return { ...nothing, triggers, pushes, ...more };
}

const lookUp = (tag: string, atSeconds: number, fault: Trigger["fault"] = "none") => ({
  image: `x/y:${tag}`,
  at: atSeconds * 1000,
  fault,
});
const failedBuild = { build: { kind: "failed" } } as const;

describe("a run is compared with what happened:", () => {
  test("a run that went well has no violation", () => {
    const truth = truthOf([trigger("a", 101), trigger("b", 110)]);
    expect(checkPipeline(pipeline, [runOf("succeeded")], truth, true)).toEqual({
      violations: [],
      repeats: [],
      lost: 0,
    });
  });

  const nothingPushed = truthOf([]);
  const failed = { state: "failed", failedAt: instant(190), attempts: 3 };
  test.each<[string, RunView, Truth, RegExp]>([
    [
      "a trigger before the push of the step before it",
      runOf("succeeded"),
      truthOf([trigger("b", 101), trigger("a", 102)]),
      /b was triggered at .*, before a was pushed/,
    ],
    [
      "a trigger after a push from before the run",
      runOf("succeeded"),
      truthOf([trigger("a", 90), trigger("b", 110)]),
      /before a was pushed in this run/,
    ],
    ["a success without a push", runOf("succeeded"), nothingPushed, /succeeded, but a was not pushed/],
    [
      "a step that was ready but never triggered",
      runOf("failed", {}, { state: "skipped", attempts: 0 }),
      truthOf([trigger("a", 101)]),
      /b was ready but was never triggered/,
    ],
    [
      "a step that a stuck run never triggered",
      runOf("running", {}, { state: "triggering", attempts: 1 }),
      truthOf([trigger("a", 101)]),
      /b was ready but was never triggered/,
    ],
    [
      "a trigger after the end of the run",
      runOf("succeeded"),
      truthOf([trigger("a", 300)]),
      /after the end of the run/,
    ],
    [
      "a trigger before the first run",
      runOf("succeeded"),
      truthOf([trigger("a", 10)]),
      /before the first run/,
    ],
    [
      "a cancellation without a request",
      runOf("cancelled"),
      nothingPushed,
      /is cancelled, but nobody cancelled it/,
    ],
    [
      "the failure of a step that was pushed",
      runOf("failed", failed, { state: "skipped", attempts: 0 }),
      truthOf([trigger("a", 101)]),
      /a failed .*but was pushed/,
    ],
    [
      "a failure without a kill or a cut that explains it",
      runOf("failed", failed, { state: "skipped", attempts: 0 }),
      truthOf([trigger("a", 101, failedBuild)], { kills: [150_000] }),
      /1 of its 3 attempts were neither received, cut nor killed/,
    ],
  ])("%s is reported", (_what, run, truth, violation) => {
    expect(checkPipeline(pipeline, [run], truth, true).violations.join("\n")).toMatch(violation);
  });

  test("a failure is accepted if every attempt was cut, killed or not built", () => {
    const run = runOf("failed", failed, { state: "skipped", attempts: 0 });
    const truth = truthOf([trigger("a", 101, failedBuild)], {
      kills: [150_000],
      cutTriggers: [lookUp("a", 170, "cutBefore")],
    });
    expect(checkPipeline(pipeline, [run], truth, true).violations).toEqual([]);
  });
});

describe("a repeated trigger", () => {
  const unanswered = { build: { kind: "underWay" } } as const;
  test.each<[string, Trigger, Trigger, Partial<Truth>, string]>([
    ["after a failed build", trigger("a", 101, failedBuild), trigger("a", 150), {}, "buildFailed"],
    ["after a cut", trigger("a", 101, { ...unanswered, fault: "cutAfter" }), trigger("a", 130), {}, "cut"],
    [
      "by the next life after a kill",
      trigger("a", 101, unanswered),
      trigger("a", 130, { life: 2 }),
      {},
      "killed",
    ],
    [
      "by the next life after a kill, too soon",
      trigger("a", 101, unanswered),
      trigger("a", 110, { life: 2 }),
      {},
      "unexplained",
    ],
    [
      "after a kill, although its outcome was saved",
      trigger("a", 101, unanswered),
      trigger("a", 130, { life: 2 }),
      { wasLoggedAsAccepted: () => true },
      "unexplained",
    ],
    ["without a look-up", trigger("a", 101, failedBuild), trigger("a", 150), { lookUps: [] }, "unexplained"],
    ["long after its push", trigger("a", 101), trigger("a", 150), {}, "unexplained"],
    [
      "long after its push, with all look-ups cut",
      trigger("a", 101),
      trigger("a", 150),
      { lookUps: Array.from({ length: 5 }, () => lookUp("a", 109, "cutWithin")) },
      "lookUpsCut",
    ],
    [
      "by the same life, without a fault",
      trigger("a", 101, unanswered),
      trigger("a", 130),
      {},
      "unexplained",
    ],
  ])("%s has the right reason", (_what, before, again, more, reason) => {
    const truth = truthOf([before, again, trigger("b", 180)], { lookUps: [lookUp("a", 109)], ...more });
    const { repeats, violations } = checkPipeline(pipeline, [runOf("succeeded")], truth, true);
    expect(repeats).toEqual([reason]);
    expect(violations.length).toBe(reason === "unexplained" ? 1 : 0);
  });
});
