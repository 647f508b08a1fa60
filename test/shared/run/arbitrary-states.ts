// Any state of a pipeline, even one that no sequence of events leads to.
import fc from "fast-check";
import { imageNameOf, type Pipeline } from "../../../shared/pipeline/pipeline.ts";
import type { Promotion } from "../../../shared/run/promotion.ts";
import { type PipelineState, reporters } from "../../../shared/run/state.ts";
import {
  attempt,
  builds,
  contents,
  digests,
  instants,
  pushedImages,
  runIds,
  step,
} from "./arbitrary-events.ts";
import { t0 } from "./story.ts";

const underWay = { wakeAt: instants, lookUps: fc.nat(6) };
const stepRuns = (name: string, image: string | null) => {
  const core = {
    name: fc.constant(name),
    image: fc.constantFrom(image, "acme/x:other"),
    attempts: fc.nat(4),
    retriesUsed: fc.nat(3),
    triggeredAt: fc.option(instants),
    digestBefore: digests,
    pushed: fc.option(pushedImages),
    build: builds,
    slot: fc.option(fc.record({ account: fc.constant("acme"), since: instants, isHeld: fc.boolean() })),
  };
  const due = { ...core, ...underWay, state: fc.constant("due"), dueAt: instants } as const;
  return fc.oneof(
    fc.record({ ...core, state: fc.constantFrom("waiting", "skipped") }),
    fc.record({
      ...due,
      phase: fc.constant("checking"),
      giveUpAt: fc.constant(null),
      reason: fc.constant(null),
    }),
    fc.record({
      ...due,
      phase: fc.constant("delayed"),
      giveUpAt: fc.constant(null),
      reason: fc.option(fc.string()),
    }),
    fc.record({
      ...due,
      phase: fc.constant("waitingForSlot"),
      giveUpAt: fc.constant(null),
      reason: fc.option(fc.string()),
    }),
    fc.record({
      ...due,
      phase: fc.constantFrom("backingOff", "awaitingOutcome"),
      giveUpAt: fc.option(instants),
      reason: fc.string(),
    }),
    fc.record({
      ...core,
      ...underWay,
      state: fc.constantFrom("triggering", "building"),
      giveUpAt: instants,
    }),
    fc.record({
      ...core,
      state: fc.constant("done"),
      doneAt: instants,
      reportedBy: fc.option(fc.constantFrom(...reporters)),
    }),
    fc.record({ ...core, state: fc.constant("fresh"), freshAt: instants, reason: fc.string() }),
    fc.record({ ...core, state: fc.constant("failed"), failedAt: instants, reason: fc.string() }),
  );
};
const moves = fc.array(
  fc.record({
    step,
    image: fc.constant("acme/x:a"),
    digest: fc.constantFrom("sha256:1", "sha256:2"),
    replaced: fc.constantFrom("absent", "sha256:3"),
    isMoved: fc.boolean(),
  }),
  { maxLength: 3 },
);
const failures = fc.array(fc.record({ step, reason: fc.string() }), { maxLength: 2 });
const promoting = { since: instants, attempts: fc.nat(4), wakeAt: instants };
const promotions: fc.Arbitrary<Promotion> = fc.oneof(
  fc.record({ phase: fc.constant("building") }),
  fc.record({ phase: fc.constant("preparing"), ...promoting }),
  fc.record({ phase: fc.constant("moving"), ...promoting, moves }),
  fc.record({ phase: fc.constant("movingBack"), ...promoting, moves, failures }),
  fc.record({ phase: fc.constant("moved"), moves }),
  fc.record({ phase: fc.constant("failed"), moves, failures }),
);

export const statesFor = (pipeline: Pipeline): fc.Arbitrary<PipelineState> => {
  const known = pipeline.steps.map((each) => stepRuns(each.name, imageNameOf(each)));
  const run = {
    id: runIds,
    pipeline: fc.constant("p"),
    cause: fc.constantFrom("manual", "schedule", "push"),
    from: fc.option(fc.array(step, { maxLength: 2 })),
    pushedStep: fc.option(step),
    because: fc.option(fc.string()),
    onlyStale: fc.boolean(),
    startedAt: instants,
    promotion: fc.option(promotions),
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
      fc.record({
        step,
        at: instants,
        pushedAt: fc.constantFrom(null, 1, 2),
        hubAt: fc.option(instants),
        digest: digests,
        ...contents,
      }),
    ),
    pendingConfirmations: fc.array(
      fc.record({
        step,
        image: fc.constantFrom(null, ...pipeline.steps.map(imageNameOf), "acme/x:gone"),
        pushedAt: fc.constantFrom(null, 1, 2),
        digest: digests,
        newRunId: runIds,
        receivedAt: instants,
        wakeAt: instants,
        lookUps: fc.nat(6),
      }),
    ),
    lastSeen: fc.array(
      fc.record({ name: fc.constantFrom("pipeline o", "n"), value: fc.constantFrom("o.1", "o.2") }),
    ),
    outage: fc.option(fc.record({ since: instants, steps: fc.array(step, { maxLength: 2 }) })),
    look: fc.option(
      fc.record({
        at: instants,
        images: fc.array(
          fc.record({
            step,
            state: fc.constantFrom("stale", "behind", "unknown"),
            since: fc.option(instants),
            because: fc.string(),
          }),
        ),
      }),
    ),
    lookAt: fc.option(instants),
    queuedRun: fc.option(
      fc.record({
        id: runIds,
        cause: fc.constantFrom("source", "upstream"),
        from: fc.option(fc.array(step, { maxLength: 2 })),
        because: fc.option(fc.string()),
        onlyStale: fc.boolean(),
        at: instants,
      }),
    ),
    outbox: fc.array(
      fc.record({
        kind: fc.constant("notify"),
        subject: fc.constantFrom("runSucceeded", "runFailed", "runCancelled"),
        runId: runIds,
        at: instants,
        channel: fc.constantFrom(null, "ops"),
        since: fc.constantFrom(null, t0),
        pushed: fc.array(fc.string(), { maxLength: 2 }),
        failed: fc.array(fc.record({ step, reason: fc.string(), attempts: fc.nat(3) })),
        attempts: fc.nat(6),
        wakeAt: instants,
      }),
    ),
    scheduledFor: fc.option(instants),
  });
};
