// Tables of claims about `decide`, and the pipelines and events that several of them start with.
import { describe, expect, test } from "vitest";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import type { Outcome } from "../../../shared/run/event.ts";
import { wakeAtOf } from "../../../shared/run/state.ts";
import {
  accepted,
  actionsOf,
  minute,
  pipelineOf,
  play,
  pushed,
  second,
  started,
  statesOf,
  type TimedEvent,
  t0,
} from "./story.ts";

export const chain = pipelineOf({
  image: "acme/chain",
  retries: 1,
  timeout: "5h",
  sequence: ["a", "b", "c"],
});
export const delayed = pipelineOf({ image: "acme/chain", delay: "100s", sequence: ["a", "b", "c"] });
export const stages = pipelineOf({ image: "acme/family", sequence: ["base", ["left", "right"], "top"] });
export const graph = pipelineOf({
  steps: {
    base: { image: "acme/base:1" },
    api: { image: "acme/api:1", after: "base" },
    web: { image: "acme/web:1", after: ["base", "api"] },
    docs: { image: "acme/docs:1" },
  },
});
export const impatient = pipelineOf({ image: "acme/chain", retries: 0, timeout: "1h", sequence: ["a", "b"] });

type Row = {
  claim: string;
  pipeline?: Pipeline;
  given: TimedEvent[];
  when: TimedEvent;
  outcome?: Outcome["kind"];
  status?: string | null;
  states?: Record<string, string>;
  actions?: string[];
  wakeAtMs?: number | null;
};

/** Up to the build of `a`. */
export const buildingA: TimedEvent[] = [
  [0, started()],
  [second, accepted("a")],
];
export const buildingB: TimedEvent[] = [
  ...buildingA,
  [10 * minute, pushed("a")],
  [10 * minute + second, accepted("b")],
];
export const done: TimedEvent[] = [
  ...buildingB,
  [20 * minute, pushed("b")],
  [20 * minute + second, accepted("c")],
  [30 * minute, pushed("c")],
];

/** Each row is a test: after `given`, `when` leads to the rest. */
export function describeRows(table: Record<string, Row[]>): void {
  describe.each(Object.entries(table))("%s", (_chapter, rows) => {
    test.each(rows)("$claim", ({ claim: _, pipeline = chain, given, when, ...then }) => {
      const decision = play(pipeline, [...given, when]);
      const { state } = decision;
      const wakeAt = wakeAtOf(state);
      const actual = {
        outcome: decision.outcome?.kind,
        status: state.run?.status ?? null,
        states: statesOf(decision),
        actions: actionsOf(decision),
        wakeAtMs: wakeAt === null ? null : wakeAt - t0,
      };
      expect(actual).toMatchObject(then);
    });
  });
}
