import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/core/decide.ts";
import type { Action, Decision, Event, TagAnswer } from "../../../shared/core/event.ts";
import { withDescendants } from "../../../shared/core/graph.ts";
import { imageName } from "../../../shared/core/image.ts";
import type { Pipeline, Step } from "../../../shared/core/pipeline.ts";
import {
  emptyState,
  isUnderWay,
  type PipelineState,
  pipelineStateSchema,
  type Run,
  wakeAtOf,
} from "../../../shared/core/run.ts";
import { doErrands, hour, minute, t0 } from "./story.ts";

const names = ["a", "b", "c", "d", "e", "f", "__proto__", "constructor"];

/** Any graph: each step comes after some of those before it. */
const pipelines: fc.Arbitrary<Pipeline> = fc
  .array(
    fc.record({
      after: fc.array(fc.nat(6), { maxLength: 3 }),
      delayMs: fc.constantFrom(0, 0, 100_000),
      timeoutMs: fc.constantFrom(hour, 5 * hour),
      retries: fc.nat(2),
      account: fc.constantFrom(null, null, { name: "acme", maxParallel: 1 }),
      endedBy: fc.constantFrom("push", "push", "push", "builder"),
      upstreams: fc.subarray(["library/debian:12"]),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .chain((drafts) =>
    fc.record({
      name: fc.constant("p"),
      steps: fc.constant(
        drafts.map(({ after, ...settings }, index): Step => {
          const name = names[index] ?? "";
          const before = [...new Set(after.filter((other) => other < index))].map(
            (other) => names[other] ?? "",
          );
          const image = { repository: "acme/x", tag: name };
          return {
            name,
            image,
            after: before,
            trigger: { dockerhub: { secret: "S" } },
            paths: [],
            ...settings,
          };
        }),
      ),
      schedule: fc.constant(null),
      after: fc.constant([]),
      followers: fc.constantFrom([], ["q"]),
      source: fc.constant(null),
      notify: fc.constantFrom([], [{ channel: "ops", on: ["failed", "stalled", "recovered"] }]),
      stalledAfterMs: fc.constantFrom(null, hour),
      upstreamEveryMs: fc.constant(hour),
      overlap: fc.constantFrom("skip", "restart"),
      onPush: fc.constantFrom("propagate", "ignore"),
      confirm: fc.constantFrom("hub", "auto", "webhook", "webhook"),
      maxParallel: fc.constantFrom(1, 2, 1_000, 1_000),
    }),
  );

const step = fc.constantFrom(...names, "unknown");
const runIds = fc.constantFrom("p.run-1", "p.run-2", "p.run-3");
const attempt = fc.integer({ min: 0, max: 3 });
const random = fc.constantFrom(0, 0.5, 0.999);
const retryAfterMs = fc.constantFrom(null, 0, 1_000, 100 * hour);
const instants = fc.integer({ min: 0, max: 40 * hour }).map((at) => t0 + at);

const answers: fc.Arbitrary<TagAnswer> = fc.oneof(
  fc.record({ kind: fc.constant("pushed"), at: instants, hubAt: instants }),
  fc.record({ kind: fc.constant("missing") }),
  fc.record({ kind: fc.constant("unreadable"), reason: fc.string() }),
  fc.record({ kind: fc.constant("unknown"), reason: fc.string(), retryAfterMs, wasAsked: fc.boolean() }),
);

const slotNews = { runId: runIds, step, account: fc.constant("acme"), since: instants };
const tickets = fc.constantFrom(null, { id: "1", url: null });

const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("tick") }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("imagePushed"),
      step,
      pushedAt: fc.constantFrom(null, 1, 2),
      newRunId: runIds,
      confirmation: fc.option(fc.record({ answer: answers, heardAt: instants, random })),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("triggerAccepted"),
      runId: runIds,
      step,
      attempt,
      ticket: tickets,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("triggerFailed"),
      runId: runIds,
      step,
      attempt,
      random,
      failure: fc.oneof(
        fc.record({ kind: fc.constant("refused"), reason: fc.string(), retryAfterMs }),
        fc.record({ kind: fc.constantFrom("rejected", "unknown"), reason: fc.string() }),
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("tagLookedUp"),
      runId: runIds,
      step,
      attempt,
      random,
      answer: answers,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("runRequested"),
      newRunId: runIds,
      cause: fc.constantFrom("manual", "schedule", "upstream", "source"),
      from: fc.option(fc.array(step, { minLength: 1, maxLength: 2 })),
      scheduledFor: fc.constantFrom(null, t0, t0 + hour),
      news: fc.constantFrom(null, { of: "pipeline o", is: "o.1" }, { of: "pipeline o", is: "o.2" }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("buildEnded"),
      runId: runIds,
      step,
      attempt,
      end: fc.constantFrom({ kind: "succeeded" }, { kind: "failed", reason: "exited with 1" }),
      random,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("slotTaken"), ...slotNews, askedAt: instants }) },
  fc.record({ kind: fc.constant("slotFreed"), ...slotNews }),
  fc.record({ kind: fc.constant("slotRefused"), ...slotNews, reason: fc.string(), random }),
  fc.record({
    kind: fc.constant("upstreamsLookedUp"),
    digests: fc.array(
      fc.record({ image: fc.constant("library/debian:12"), digest: fc.constantFrom("1", "2") }),
    ),
    newRunId: runIds,
  }),
  fc.record({ kind: fc.constant("cancelled"), runId: runIds }),
  fc.record({ kind: fc.constant("retryRequested"), runId: runIds }),
);

const start: Event = {
  kind: "runRequested",
  newRunId: "p.run-1",
  cause: "manual",
  from: null,
  scheduledFor: null,
  news: null,
};

/** What may come next: anything, or one of the things that the state is waiting for. */
type Turn = { event: Event; plausible: number | null; laterMs: number };

const stories: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({
    event: events,
    plausible: fc.option(fc.nat(1_000)),
    laterMs: fc.constantFrom(0, 1_000, minute, hour),
  }),
  { maxLength: 80, size: "max" },
);

function plausibleEvents({ run }: PipelineState): Event[] {
  if (run?.status !== "running") return [start, { kind: "retryRequested", runId: run?.id ?? "p.run-1" }];
  return run.steps.flatMap((found): Event[] => {
    const about = { runId: run.id, step: found.name, attempt: found.attempts };
    const answer = { kind: "pushed", at: t0 + 1_000 * hour, hubAt: t0 + 1_000 * hour } as const;
    const confirmation = { answer, heardAt: t0 + 1_000 * hour, random: 0 };
    const push = {
      kind: "imagePushed",
      step: found.name,
      pushedAt: null,
      newRunId: "p.run-2",
      confirmation,
    } as const;
    switch (found.state) {
      case "triggering":
        return [
          { kind: "triggerAccepted", ...about, ticket: null },
          { kind: "triggerFailed", ...about, failure: { kind: "unknown", reason: "" }, random: 0 },
          { kind: "triggerFailed", ...about, failure: { kind: "rejected", reason: "" }, random: 0 },
        ];
      case "building":
      case "due":
        return [push, { kind: "tagLookedUp", ...about, answer: { kind: "missing" }, random: 0 }];
      default:
        return [push];
    }
  });
}

/** Any state, also one that no story leads to. */
const underWay = {
  wakeAt: instants,
  giveUpAt: fc.option(instants),
  lookUps: fc.nat(6),
};
const stepRuns = (name: string, image: string) => {
  const core = {
    name: fc.constant(name),
    image: fc.constantFrom(image, "acme/x:other"),
    attempts: fc.nat(4),
    retried: fc.nat(3),
    triggeredAt: fc.option(instants),
    ticket: tickets,
    slot: fc.option(fc.record({ account: fc.constant("acme"), since: instants, isHeld: fc.boolean() })),
  };
  return fc.oneof(
    fc.record({ ...core, state: fc.constantFrom("waiting", "skipped") }),
    fc.record({
      ...core,
      ...underWay,
      state: fc.constant("due"),
      dueAt: instants,
      reason: fc.option(fc.string()),
    }),
    fc.record({ ...core, ...underWay, state: fc.constantFrom("triggering", "building") }),
    fc.record({ ...core, state: fc.constant("done"), doneAt: instants }),
    fc.record({ ...core, state: fc.constant("failed"), failedAt: instants, reason: fc.string() }),
  );
};
const statesFor = (pipeline: Pipeline): fc.Arbitrary<PipelineState> => {
  const known = pipeline.steps.map(({ name, image }) => stepRuns(name, imageName(image)));
  const run = {
    id: runIds,
    pipeline: fc.constant("p"),
    cause: fc.constantFrom("manual", "schedule", "push"),
    from: fc.option(fc.array(step, { maxLength: 2 })),
    pushedStep: fc.option(step),
    startedAt: instants,
    stalledAt: fc.option(instants),
    log: fc.array(
      fc.record({
        at: instants,
        step: fc.option(step),
        state: fc.string(),
        attempt,
        reason: fc.option(fc.string()),
      }),
    ),
    steps: fc.tuple(...known, stepRuns("gone", "acme/x:gone")).chain((steps) => fc.shuffledSubarray(steps)),
  };
  return fc.record({
    run: fc.option(
      fc.oneof(
        fc.record({ ...run, status: fc.constant("running") }),
        fc.record({
          ...run,
          status: fc.constantFrom("succeeded", "failed", "cancelled"),
          endedAt: instants,
        }),
      ),
    ),
    completions: fc.array(
      fc.record({ step, at: instants, pushedAt: fc.constantFrom(null, 1, 2), hubAt: fc.option(instants) }),
    ),
    told: fc.array(
      fc.record({
        step,
        pushedAt: fc.constantFrom(null, 1, 2),
        newRunId: runIds,
        at: instants,
        wakeAt: instants,
        lookUps: fc.nat(6),
      }),
    ),
    news: fc.array(fc.record({ of: fc.constantFrom("pipeline o", "n"), is: fc.constantFrom("o.1", "o.2") })),
    trouble: fc.option(fc.record({ since: instants, steps: fc.array(step, { maxLength: 2 }) })),
    next: fc.option(
      fc.record({
        id: runIds,
        cause: fc.constantFrom("source", "upstream"),
        from: fc.option(fc.array(step, { maxLength: 2 })),
        at: instants,
      }),
    ),
    errands: fc.array(
      fc.record({
        kind: fc.constant("notify"),
        subject: fc.constantFrom("runSucceeded", "runFailed", "runCancelled"),
        runId: runIds,
        at: instants,
        channel: fc.constantFrom(null, "ops"),
        since: fc.constantFrom(null, t0),
        failed: fc.array(fc.record({ step, reason: fc.string(), attempts: fc.nat(3) })),
        attempts: fc.nat(6),
        wakeAt: instants,
      }),
    ),
    scheduledFor: fc.option(instants),
  });
};

type Told = (before: PipelineState, event: Event, decision: Decision, now: number) => void;

function tell(pipeline: Pipeline, story: readonly Turn[], told: Told): PipelineState {
  let state = emptyState;
  let now = t0;
  for (const { event: any, plausible, laterMs } of story) {
    now += laterMs;
    const likely = plausibleEvents(state);
    const event = plausible === null ? any : (likely[plausible % likely.length] ?? any);
    const decision = doErrands(pipeline, decide(pipeline, state, event, now), now);
    told(state, event, decision, now);
    state = decision.state;
  }
  return state;
}

const triggersOf = (actions: readonly Action[]) => actions.filter(({ kind }) => kind === "triggerStep");
const stateOf = (run: Run | null, name: string) => run?.steps.find((other) => other.name === name)?.state;

describe("decide", () => {
  test("never throws and always decides for a state that can be kept, for any state and event", () => {
    fc.assert(
      fc.property(
        pipelines.chain((pipeline) => fc.tuple(fc.constant(pipeline), statesFor(pipeline))),
        events,
        instants,
        ([pipeline, state], event, now) => {
          const decision = decide(pipeline, state, event, now);
          expect(pipelineStateSchema.parse(JSON.parse(JSON.stringify(decision.state)))).toEqual(
            decision.state,
          );
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test("triggers no step before all that it comes after are done in the same run", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        tell(pipeline, story, (_before, _event, { state, actions }) => {
          const scope = withDescendants(pipeline.steps, state.run?.from ?? names);
          for (const action of triggersOf(actions)) {
            if (action.kind !== "triggerStep" || action.runId !== state.run?.id) continue;
            const settings = pipeline.steps.find(({ name }) => name === action.step);
            for (const name of settings?.after ?? []) {
              if (scope.has(name)) expect(stateOf(state.run, name)).toBe("done");
            }
          }
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test("has no more steps under way at once than the pipeline says", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        tell(pipeline, story, (_before, _event, { state }) => {
          const underWay = state.run?.steps.filter(isUnderWay) ?? [];
          expect(underWay.length).toBeLessThanOrEqual(pipeline.maxParallel);
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test("leaves no active run without an instant at which it is looked at again", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        tell(pipeline, story, (_before, _event, { state }) => {
          if (state.told.length === 0 && state.next === null) {
            expect(wakeAtOf(state) === null).toBe(state.run?.status !== "running");
          }
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test("changes nothing for a push that has just been taken, however often it comes again", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        tell(pipeline, story, (_before, event, { state }, now) => {
          if (event.kind !== "imagePushed") return;
          const again = decide(pipeline, state, { ...event, newRunId: "p.run-9" }, now + 1_000);
          expect({ ...again.state, told: [] }).toEqual({ ...state, told: [] });
          expect(triggersOf(again.actions)).toEqual([]);
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test("changes nothing in an active run for a push of a step that was not triggered", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        tell(pipeline, story, (before, event, decision) => {
          if (event.kind !== "imagePushed" || before.run?.status !== "running") return;
          if (before.told.length > 0) return;
          const found = before.run.steps.find(({ name }) => name === event.step);
          if ((found?.triggeredAt ?? null) === null)
            expect(decision).toMatchObject({ state: before, actions: [] });
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test("ends every run that gets its pushes, in whatever order and however often they come", () => {
    fc.assert(
      fc.property(pipelines, fc.array(fc.nat(100), { minLength: 1 }), (pipeline, order) => {
        let now = t0;
        let { state } = giveSlots(pipeline, decide(pipeline, emptyState, start, now), now);
        for (let turn = 0; state.run?.status === "running" && turn < 500; turn += 1) {
          const asked = state.run.steps
            .filter((found) => isUnderWay(found) && found.triggeredAt !== null)
            .map(({ name }) => name);
          const all = [...pipeline.steps.map(({ name }) => name), "unknown"];
          // Now one of those that were asked for, now any.
          const from = turn % 2 === 0 && asked.length > 0 ? asked : all;
          const name = from[((order[turn % order.length] ?? 0) + Math.floor(turn / 2)) % from.length] ?? "";
          for (const event of endsOf(state, name, now)) {
            ({ state } = giveSlots(pipeline, decide(pipeline, state, event, now), now));
          }
          now = Math.max(now, (turn % 3 === 0 ? wakeAtOf(state) : null) ?? now);
          ({ state } = giveSlots(pipeline, decide(pipeline, state, { kind: "tick" }, now), now));
        }
        expect(state.run?.status).toBe("succeeded");
      }),
      { numRuns: 500 },
    );
  });

  test("ends every run that gets no push at all, after no more triggers than its retries allow", () => {
    fc.assert(
      fc.property(pipelines, (pipeline) => {
        let now = t0;
        let decision = decide(pipeline, emptyState, start, now);
        const triggered = new Map<string, number>();
        const pending: Action[] = [...decision.actions];
        for (let turn = 0; decision.state.run?.status === "running" && turn < 10_000; turn += 1) {
          const action = pending.shift();
          if (action?.kind === "triggerStep") {
            triggered.set(action.step, (triggered.get(action.step) ?? 0) + 1);
          }
          const event = action === undefined ? ({ kind: "tick" } as const) : outcomeOf(action, now);
          if (action === undefined) now = Math.max(now, wakeAtOf(decision.state) ?? now);
          if (event === null) continue;
          decision = decide(pipeline, decision.state, event, now);
          pending.push(...decision.actions);
        }
        const { run } = decision.state;
        expect(run?.status).toBe("failed");
        for (const { name, retries } of pipeline.steps) {
          expect(triggered.get(name) ?? 0).toBeLessThanOrEqual(1 + retries);
        }
        const waits = pipeline.steps.map(({ timeoutMs, retries }) => (timeoutMs + minute) * (1 + retries));
        const isWide = pipeline.maxParallel >= pipeline.steps.length;
        const longestMs = isWide ? Math.max(...waits) : waits.reduce((all, wait) => all + wait);
        expect(now - t0).toBeLessThanOrEqual(longestMs);
      }),
      { numRuns: 300 },
    );
  });

  test("leaves nothing under way in a run that is over", () => {
    fc.assert(
      fc.property(pipelines, stories, (pipeline, story) => {
        tell(pipeline, story, (_before, _event, { state, replaced }) => {
          for (const run of [state.run, replaced]) {
            if (run === null || run.status === "running") continue;
            expect(run.steps.filter(isUnderWay)).toEqual([]);
          }
        });
      }),
      { numRuns: 1_000 },
    );
  });
});

function giveSlots(pipeline: Pipeline, decision: Decision, now: number): Decision {
  let { state } = decision;
  for (const action of decision.actions) {
    const event = action.kind === "takeSlot" ? outcomeOf(action, now) : null;
    if (event !== null) ({ state } = decide(pipeline, state, event, now));
  }
  return { ...decision, state };
}

/** The tag is pushed, and whoever builds it says that the build has ended. */
function endsOf({ run }: PipelineState, name: string, now: number): Event[] {
  const answer = { kind: "pushed", at: now, hubAt: now } as const;
  const push = { step: name, pushedAt: null, newRunId: "p.run-2" };
  const about = { runId: run?.id ?? "", step: name };
  const attempts = run?.steps.find((found) => found.name === name)?.attempts ?? 0;
  return [
    { kind: "imagePushed", ...push, confirmation: { answer, heardAt: now, random: 0 } },
    { kind: "buildEnded", ...about, attempt: attempts, end: { kind: "succeeded" }, random: 0 },
  ];
}

/** Every trigger is accepted, and no tag is ever pushed. */
function outcomeOf(action: Action, now: number): Event | null {
  switch (action.kind) {
    case "triggerStep":
      return {
        kind: "triggerAccepted",
        runId: action.runId,
        step: action.step,
        attempt: action.attempt,
        ticket: null,
      };
    case "lookUpTag": {
      const { runId, step: name, attempt: number } = action;
      const answer = { kind: "missing" } as const;
      return { kind: "tagLookedUp", runId, step: name, attempt: number, answer, random: 0 };
    }
    case "takeSlot": {
      const { runId, step: name, account, since } = action;
      return { kind: "slotTaken", runId, step: name, account: account.name, since, askedAt: now };
    }
    case "startNext":
      return { kind: "tick" };
    case "confirmPush":
    case "runErrand":
    case "freeSlot":
    case "stopBuild":
      return null;
  }
}
