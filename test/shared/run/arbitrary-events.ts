// Any pipeline and any event, for the properties of `decide`.
import fc from "fast-check";
import { type Evidence, type PushedImage, verdicts } from "../../../shared/evidence/evidence.ts";
import { freshnessStates } from "../../../shared/evidence/freshness.ts";
import type { TagAnswer } from "../../../shared/kinds/registry.ts";
import type { Pipeline, Step } from "../../../shared/pipeline/pipeline.ts";
import type { Event, EventOf, VerifiedEvent } from "../../../shared/run/event.ts";
import { hour, t0 } from "./story.ts";

export const names = ["a", "b", "c", "d", "e", "f", "__proto__", "constructor"];

const gateSettings: Partial<Step> = {
  trigger: { kind: "approval" },
  endedBy: "builder",
  verify: "off",
  watch: false,
  upstreams: [],
  tags: [],
};

/** Any graph: each step comes after some of the earlier ones. */
export const pipelines: fc.Arbitrary<Pipeline> = fc
  .array(
    fc.record({
      after: fc.array(fc.nat(6), { maxLength: 3 }),
      delayMs: fc.constantFrom(0, 0, 100_000),
      timeoutMs: fc.constantFrom(hour, 5 * hour),
      retries: fc.nat(2),
      account: fc.constantFrom(null, null, { name: "acme", maxParallel: 1 }),
      endedBy: fc.constantFrom("push", "push", "push", "builder"),
      trigger: fc.constantFrom<Step["trigger"]>(
        { kind: "dockerhub", secret: "S" },
        { kind: "codebuild", project: "images" },
      ),
      upstreams: fc.subarray(["library/debian:12"]),
      watch: fc.constantFrom(false, false, false, true),
      isGate: fc.constantFrom(false, false, false, false, true),
      verify: fc.constantFrom("auto", "auto", "required", "off"),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .chain((drafts) =>
    fc.record({
      name: fc.constant("p"),
      steps: fc.constant(
        drafts.map(({ after, isGate, ...settings }, index): Step => {
          const name = names[index] ?? "";
          const before = [...new Set(after.filter((other) => other < index))].map(
            (other) => names[other] ?? "",
          );
          const image = isGate
            ? null
            : { repository: index % 2 === 0 ? "acme/x" : "ghcr.io/acme/x", tag: name };
          const built: Step = {
            name,
            image,
            after: before,
            paths: [],
            identity: null,
            platforms: [],
            tags: [],
            ...settings,
          };
          return isGate ? { ...built, ...gateSettings } : built;
        }),
      ),
      parameters: fc.constant({}),
      configured: fc.constant(null),
      schedule: fc.constant(null),
      after: fc.constant([]),
      followers: fc.constantFrom([], ["q"]),
      waitFor: fc.constant([]),
      source: fc.constant(null),
      notify: fc.constantFrom([], [{ channel: "ops", on: ["failed", "stalled", "recovered"] }]),
      stalledAfterMs: fc.constantFrom(null, hour),
      lookEveryMs: fc.constantFrom(null, null, 24 * hour),
      upstreamEveryMs: fc.constant(hour),
      upstreamPlatforms: fc.constantFrom(null, ["linux/amd64"], ["linux/arm64"]),
      overlap: fc.constantFrom("skip", "restart"),
      rebuild: fc.constantFrom("always", "always", "stale"),
      promotesTogether: fc.constantFrom(false, false, true),
      onPush: fc.constantFrom("propagate", "ignore"),
      confirm: fc.constantFrom("registry", "auto", "webhook", "webhook"),
      maxParallel: fc.constantFrom(1, 2, 1_000, 1_000),
    }),
  );

export const step = fc.constantFrom(...names, "unknown");
export const runIds = fc.constantFrom("p.run-1", "p.run-2", "p.run-3");
export const attempt = fc.integer({ min: 0, max: 3 });
const random = fc.constantFrom(0, 0.5, 0.999);
const retryAfterMs = fc.constantFrom(null, 0, 1_000, 100 * hour);
export const instants = fc.integer({ min: 0, max: 40 * hour }).map((at) => t0 + at);

const standsOn = fc.record({
  base: fc.oneof(
    fc.record({ kind: fc.constant("step"), step }),
    fc.record({ kind: fc.constant("image"), image: fc.constant("library/debian:1") }),
  ),
  digest: fc.constantFrom(null, "sha256:1", "sha256:2"),
  verdict: fc.constantFrom(...verdicts),
});
const platforms = fc.subarray(["linux/amd64", "linux/arm64"]);
export const contents = { platforms, standsOn: fc.array(standsOn, { maxLength: 2 }) };
export const pushedImages: fc.Arbitrary<PushedImage> = fc.record({
  digest: fc.constantFrom("sha256:1", "sha256:2"),
  ...contents,
});
const evidence: fc.Arbitrary<Evidence> = fc.oneof(
  fc.record({
    kind: fc.constant("found"),
    pushed: pushedImages,
    contradictions: fc.subarray(["stands on an earlier base"]),
  }),
  fc.record({ kind: fc.constant("unknown"), reason: fc.string(), isTemporary: fc.boolean() }),
);
/** Events for which the registries were asked, and those for which they were not. */
const withEvidence = <Given extends VerifiedEvent>(given: fc.Arbitrary<Given>): fc.Arbitrary<Given> =>
  fc
    .tuple(given, fc.option(evidence))
    .map(([event, found]) => (found === null ? event : { ...event, evidence: found }));

export const digests = fc.constantFrom(null, "sha256:1", "sha256:2");

const answers: fc.Arbitrary<TagAnswer> = fc.oneof(
  fc.record({ kind: fc.constant("found"), digest: fc.constantFrom("sha256:1", "sha256:2") }),
  fc.record({ kind: fc.constant("pushed"), at: instants, hubAt: instants }),
  fc.record({ kind: fc.constant("missing") }),
  fc.record({ kind: fc.constant("unreadable"), reason: fc.string() }),
  fc.record({ kind: fc.constant("unknown"), reason: fc.string(), retryAfterMs, requestSent: fc.boolean() }),
);

const image = fc.constantFrom("acme/x:a", "ghcr.io/acme/x:b");
const slotRequest = { runId: runIds, step, account: fc.constant("acme"), since: instants };
export const builds = fc.constantFrom(null, { id: "1", url: null });

const request = {
  kind: fc.constant("runRequested"),
  newRunId: runIds,
  from: fc.option(fc.array(step, { minLength: 1, maxLength: 2 })),
  onlyStale: fc.boolean(),
} as const;

/** Some pushes are of a run's candidate. */
const perhapsCandidate = <Given extends EventOf<"imagePushed" | "pushLookedUp">>(
  given: fc.Arbitrary<Given>,
): fc.Arbitrary<Given> =>
  fc
    .tuple(given, fc.option(runIds))
    .map(([event, candidateOf]) => (candidateOf === null ? event : { ...event, candidateOf }));

const bareEvents: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("tick") }) },
  {
    weight: 6,
    arbitrary: perhapsCandidate<EventOf<"imagePushed">>(
      fc.record({
        kind: fc.constant("imagePushed"),
        step,
        pushedAt: fc.constantFrom(null, 1, 2),
        digest: digests,
        newRunId: runIds,
      }),
    ),
  },
  {
    weight: 6,
    arbitrary: withEvidence<EventOf<"pushLookedUp">>(
      perhapsCandidate(
        fc.record({
          kind: fc.constant("pushLookedUp"),
          step,
          pushedAt: fc.constantFrom(null, 1, 2),
          digest: digests,
          newRunId: runIds,
          answer: answers,
          receivedAt: instants,
          random,
        }),
      ),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("triggerAccepted"),
      runId: runIds,
      step,
      attempt,
      build: builds,
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
    arbitrary: withEvidence<EventOf<"tagLookedUp">>(
      fc.record({ kind: fc.constant("tagLookedUp"), runId: runIds, step, attempt, random, answer: answers }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({ ...request, cause: fc.constant("manual") }),
      fc.record({
        ...request,
        cause: fc.constant("schedule"),
        scheduledFor: fc.constantFrom(t0, t0 + hour),
      }),
      fc.record({
        ...request,
        cause: fc.constantFrom("upstream", "source"),
        seen: fc.constantFrom({ name: "pipeline o", value: "o.1" }, { name: "pipeline o", value: "o.2" }),
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: withEvidence<EventOf<"buildEnded">>(
      fc.record({
        kind: fc.constant("buildEnded"),
        runId: runIds,
        step,
        attempt,
        end: fc.constantFrom({ kind: "succeeded" }, { kind: "failed", reason: "exited with 1" }),
        random,
      }),
    ),
  },
  fc.record({
    kind: fc.constant("buildNotEnded"),
    runId: runIds,
    step,
    attempt,
    answer: fc.oneof(
      fc.record({ kind: fc.constant("running") }),
      fc.record({ kind: fc.constant("unknown"), reason: fc.string() }),
    ),
    random,
  }),
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("slotAcquired"), ...slotRequest, requestedAt: instants }),
  },
  fc.record({ kind: fc.constant("slotAvailable"), ...slotRequest }),
  fc.record({ kind: fc.constant("slotRefused"), ...slotRequest, reason: fc.string(), random }),
  fc.record({
    kind: fc.constant("upstreamsLookedUp"),
    digests: fc.array(
      fc.record({
        image: fc.constant("library/debian:12"),
        digest: fc.constantFrom("1", "2"),
        platforms: fc.option(
          fc.array(fc.record({ platform: fc.constant("linux/amd64"), digest: fc.constantFrom("3", "4") })),
        ),
      }),
    ),
    newRunId: runIds,
  }),
  fc.record({
    kind: fc.constant("freshnessLookedAt"),
    newRunId: runIds,
    images: fc.array(
      fc.record({
        step,
        state: fc.constantFrom(...freshnessStates),
        since: fc.option(instants),
        because: fc.array(fc.string(), { maxLength: 2 }),
        isTemporary: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
  }),
  fc.record({ kind: fc.constant("stepLookedAt"), runId: runIds, step, attempt, evidence }),
  fc.record({
    kind: fc.constant("rollbackNoted"),
    step,
    image: fc.constant("acme/x:a"),
    digest: fc.constantFrom("sha256:1", "sha256:2"),
  }),
  fc.record({ kind: fc.constant("promotionInterrupted"), runId: runIds }),
  fc.record({
    kind: fc.constant("startPostponed"),
    pipeline: fc.constantFrom("q", "r"),
    scheduledFor: instants,
  }),
  fc.record({ kind: fc.constant("gateApproved"), runId: runIds, step }),
  fc.record({
    kind: fc.constant("tagsRead"),
    runId: runIds,
    since: instants,
    random,
    tags: fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant("read"),
          step,
          image: fc.constant("acme/x:a"),
          candidate: fc.constantFrom("sha256:1", "sha256:2"),
          current: fc.constantFrom("absent", "sha256:3"),
        }),
        fc.record({
          kind: fc.constant("failed"),
          step,
          image: fc.constant("acme/x:a"),
          reason: fc.string(),
          isTemporary: fc.boolean(),
        }),
      ),
      { maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constant("tagsMoved"),
    runId: runIds,
    since: instants,
    isBack: fc.boolean(),
    random,
    results: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant("moved"), step, image }),
        fc.record({
          kind: fc.constant("failed"),
          step,
          image,
          reason: fc.string(),
          isTemporary: fc.boolean(),
        }),
      ),
      { maxLength: 3 },
    ),
  }),
  fc.record({ kind: fc.constant("cancelled"), runId: runIds }),
  fc.record({ kind: fc.constant("retryRequested"), runId: runIds }),
);

/** Some come after a look-up of tags. */
export const events: fc.Arbitrary<Event> = fc
  .tuple(bareEvents, fc.option(fc.array(fc.record({ step, digest: digests }), { maxLength: 3 })))
  .map(([event, digestsBefore]) => (digestsBefore === null ? event : { ...event, digestsBefore }));

export const start: Event = {
  kind: "runRequested",
  newRunId: "p.run-1",
  cause: "manual",
  from: null,
};
