// What a large state loses is counted, also when it is cut more than once.
import { describe, expect, test } from "vitest";
import { noticeOf } from "../../../shared/run/notice.ts";
import { shedState, sheds } from "../../../shared/run/shed.ts";
import type { OutboxEntryOf, PipelineState } from "../../../shared/run/state.ts";
import { running } from "../store/stored-state.ts";
import { pipelineOf, t0 } from "./story.ts";

const count = 200;
const names = Array.from({ length: count }, (_, place) => `s-${place}`);
const sequence = Array.from({ length: count }, (_, place) => `acme/x:${place}`);

function failedState(): PipelineState {
  const state = running("p", t0);
  const { run } = state;
  const [first] = run?.steps ?? [];
  if (run === null || first === undefined) throw new Error("expected a run");
  const { name: _, image: __, ...rest } = first;
  const steps = names.map((name) => ({
    ...rest,
    name,
    image: "acme/x:1",
    state: "failed" as const,
    failedAt: t0,
    reason: "r".repeat(400),
    build: { id: name, url: `https://builds.example.org/${name}` },
  }));
  const log = names.map((step) => ({ at: t0, step, state: "failed", attempt: 1, reason: "r".repeat(100) }));
  const entry: OutboxEntryOf<"notify"> = {
    kind: "notify",
    runId: run.id,
    subject: "runFailed",
    channel: "ops",
    at: t0,
    attempts: 1,
    wakeAt: t0,
    since: t0,
    pushed: [],
    failed: names.map((step) => ({ step, reason: "r".repeat(400), attempts: 1 })),
  };
  return { ...state, run: { ...run, log, steps }, outbox: [entry] };
}

const shedAll = (state: PipelineState) => sheds.reduce(shedState, state);

const lossOf = ({ run, outbox: [entry] }: PipelineState) => ({
  log: [run?.log.length, run?.logLeftOut],
  failed: entry?.kind === "notify" ? [entry.failed.length, entry.failedLeftOut] : null,
  isShortened: run?.isShortened,
});

describe("a large state", () => {
  test("counts what it loses, once, twice and three times, and no step is made up", () => {
    const states = sheds.map((_, place) => sheds.slice(0, place + 1).reduce(shedState, failedState()));
    expect(states.map(lossOf)).toEqual([
      { log: [20, 180], failed: [50, 150], isShortened: true },
      { log: [0, 200], failed: [20, 180], isShortened: true },
      { log: [0, 200], failed: [5, 195], isShortened: true },
    ]);
    const steps = states.flatMap(({ outbox }) =>
      outbox.flatMap((entry) => (entry.kind === "notify" ? entry.failed.map(({ step }) => step) : [])),
    );
    expect(steps.filter((step) => !names.includes(step))).toEqual([]);
  });

  test("that is cut in the same way again stays as it is", () => {
    for (const shed of sheds) {
      const once = shedState(failedState(), shed);
      expect(shedState(once, shed)).toEqual(once);
    }
  });

  test("that has nothing to lose is not told to have lost anything", () => {
    const state = running("p", t0);
    for (const shed of sheds) expect(shedState(state, shed)).toEqual(state);
  });
});

test("the notice of a cut failure counts the steps that it does not list, and does not guess what they hold up", () => {
  const pipeline = pipelineOf({ sequence });
  const [entry] = shedAll(failedState()).outbox;
  if (entry?.kind !== "notify") throw new Error("expected a notice");
  const failed = entry.failed.map((failure, place) => ({ ...failure, step: `acme/x:${place}` }));
  const notice = noticeOf(pipeline, { ...entry, failed }, null, t0);
  expect([notice.steps.length, notice.stepsLeftOut]).toEqual([5, 195]);
  expect(notice.remarks[0]).toMatch(/^Not built because of that: acme\/x:5, .*acme\/x:14 and others\.$/);
});
