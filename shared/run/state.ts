// The state of a pipeline as it is stored: its run, the run's steps, and what is still to be done. Instants are epoch
// milliseconds.
import * as z from "zod/mini";
import { pushedImageSchema, standsOnSchema } from "../evidence/evidence.ts";
import { createFinder } from "../pipeline/create-finder.ts";
import { isPromotionUnderWay, moveSchema, promotionSchema } from "./promotion.ts";

const instant = z.number();

/**
 * What reports that a step is done: a registry's webhook, a look-up of the tag after the webhook was lost, the builder, or a
 * person who approved a gate.
 */
export const reporters = ["webhook", "lookUp", "builder", "person"] as const;
export type Reporter = (typeof reporters)[number];

const step = {
  name: z.string(),
  /** Null for a gate. */
  image: z._default(z.nullable(z.string()), null),
  /** How often its trigger was called in this run; also the number of the last call. */
  attempts: z.int(),
  /** The earlier call that the last one repeats, because its outcome was not known; not set for a new one. */
  repeats: z.optional(z.int()),
  /** How many of its `retries` are used up. */
  retriesUsed: z.int(),
  /** The first call of the trigger since the run was started or retried. Pushes count from then on. */
  triggeredAt: z.nullable(instant),
  /** The last build, as its builder names it. */
  build: z._default(
    z.nullable(z.object({ id: z.string(), url: z.nullable(z.string()), builder: z.optional(z.string()) })),
    null,
  ),
  /** What its tag pointed to before that first call; `absent` for a new tag, null if it was not looked up. */
  digestBefore: z._default(z.nullable(z.string()), null),
  /**
   * What its tag pointed to before the run, once that may differ from `digestBefore`, because the step was built or tried again;
   * `unknown` if that was not looked up.
   */
  replaced: z.optional(z.string()),
  /** What its tag was pushed as in this run, if that is known. */
  pushed: z._default(z.nullable(pushedImageSchema), null),
  /** Its slot in an account's `maxParallel`, held or waited for since an instant. */
  slot: z._default(z.nullable(z.object({ account: z.string(), since: instant, isHeld: z.boolean() })), null),
};

const underWay = {
  /** When the sweep looks at the step again, whatever happens before. */
  wakeAt: instant,
  /** Consecutive look-ups of the tag without an answer. */
  lookUps: z.int(),
};

const due = { ...step, ...underWay, state: z.literal("due"), dueAt: instant };

/** Why a step that is due has not been triggered yet, or is triggered again. */
const dueSchema = z.discriminatedUnion("phase", [
  /** Its image is looked at first: a fresh one is not built. */
  z.object({ ...due, phase: z.literal("checking"), giveUpAt: z.null(), reason: z.null() }),
  /** Waits for its `delay`, or is built again because its image does not stand on its bases. */
  z.object({ ...due, phase: z.literal("delayed"), giveUpAt: z.null(), reason: z.nullable(z.string()) }),
  z.object({
    ...due,
    phase: z.literal("waitingForSlot"),
    giveUpAt: z.null(),
    reason: z.nullable(z.string()),
  }),
  /** A trigger was refused or a build failed. `giveUpAt` is null once the build is known to have failed. */
  z.object({ ...due, phase: z.literal("backingOff"), giveUpAt: z.nullable(instant), reason: z.string() }),
  /** A trigger's answer was lost: a build may be under way. */
  z.object({
    ...due,
    phase: z.literal("awaitingOutcome"),
    giveUpAt: z.nullable(instant),
    reason: z.string(),
  }),
]);

export const stepRunSchema = z.discriminatedUnion("state", [
  z.object({ ...step, state: z.literal("waiting") }),
  dueSchema,
  /** Saved before the trigger is called. `giveUpAt` is when the build times out. */
  z.object({ ...step, ...underWay, state: z.literal("triggering"), giveUpAt: instant }),
  z.object({ ...step, ...underWay, state: z.literal("building"), giveUpAt: instant }),
  z.object({
    ...step,
    state: z.literal("done"),
    doneAt: instant,
    /** How its end became known; null if an earlier version of this program stored it. */
    reportedBy: z._default(z.nullable(z.enum(reporters)), null),
  }),
  z.object({ ...step, state: z.literal("failed"), failedAt: instant, reason: z.string() }),
  /** Not built, because its image stands on what its bases are now. */
  z.object({ ...step, state: z.literal("fresh"), freshAt: instant, reason: z.string() }),
  z.object({ ...step, state: z.literal("skipped") }),
]);

/** A step within a run. What the configuration says of it is `Step`, in pipeline/pipeline.ts. */
export type StepRun = z.infer<typeof stepRunSchema>;
export type StepUnderWay = Extract<StepRun, { wakeAt: number }>;
export type DueStep = z.infer<typeof dueSchema>;

export const causes = ["schedule", "manual", "push", "upstream", "source", "stale"] as const;
export type Cause = (typeof causes)[number];

/** A change of a step's state or, if `step` is null, of the run's status. */
export const runLogEntrySchema = z.object({
  at: instant,
  step: z.nullable(z.string()),
  state: z.string(),
  attempt: z.int(),
  reason: z.nullable(z.string()),
});
export type RunLogEntry = z.infer<typeof runLogEntrySchema>;

/** By name. */
const parametersSchema = z.record(z.string(), z.string());

const run = {
  id: z.string(),
  pipeline: z.string(),
  cause: z.enum(causes),
  /** The steps that it starts at; null for the whole pipeline. */
  from: z.nullable(z.array(z.string())),
  /** The step whose push, outside of any run, started this one. */
  pushedStep: z.nullable(z.string()),
  /** What changed and so caused it, if that is known. */
  because: z._default(z.nullable(z.string()), null),
  /** Builds only what is stale, whatever the pipeline's `rebuild` says. */
  onlyStale: z._default(z.boolean(), false),
  /** Not set for a pipeline without parameters. */
  parameters: z.optional(parametersSchema),
  startedAt: instant,
  /** Null if its builds push the tags themselves. */
  promotion: z._default(z.nullable(promotionSchema), null),
  /** What an earlier promotion of this run moved and could not move back, so that a rollback still knows what it replaced. */
  stuck: z.optional(z.array(moveSchema)),
  /** When it was reported as stalled. */
  stalledAt: z._default(z.nullable(instant), null),
  /** The latest changes. */
  log: z._default(z.array(runLogEntrySchema), []),
  /** How many earlier changes the log has lost; not set for none. */
  logLeftOut: z.optional(z.int()),
  /** Whether a state too large for the store has lost details of the steps: the ends of reasons, evidence, links to builds. */
  isShortened: z.optional(z.boolean()),
  steps: z.array(stepRunSchema),
};

export const runSchema = z.discriminatedUnion("status", [
  z.object({ ...run, status: z.literal("running") }),
  z.object({ ...run, status: z.enum(["succeeded", "failed", "cancelled"]), endedAt: instant }),
]);

export type Run = z.infer<typeof runSchema>;
export type ActiveRun = Extract<Run, { status: "running" }>;
export type EndedRun = Exclude<Run, ActiveRun>;

/** The record that a tag was pushed. */
export const completionSchema = z.object({
  step: z.string(),
  at: instant,
  /** The webhook's `pushed_at`, in its own unit. */
  pushedAt: z.nullable(z.number()),
  /** The instant in Docker Hub's tag API. */
  hubAt: z.nullable(instant),
  /** What the tag points to since then, if that is known. */
  digest: z._default(z.nullable(z.string()), null),
  /** Its platforms, and what it stands on, as far as they are known. */
  platforms: z._default(z.array(z.string()), []),
  standsOn: z._default(z.array(standsOnSchema), []),
});
export type Completion = z.infer<typeof completionSchema>;

/** A push that a webhook reported and its registry has not confirmed yet. */
export const pendingConfirmationSchema = z.object({
  step: z.string(),
  /** The image that was pushed; null if an earlier version of this program stored it. */
  image: z._default(z.nullable(z.string()), null),
  /** The run whose candidate it is; not set for the tag itself. */
  candidateOf: z.optional(z.string()),
  pushedAt: z.nullable(z.number()),
  /** What the tag points to, as the webhook reported it. */
  digest: z._default(z.nullable(z.string()), null),
  /** The id for the run that the push starts, if it starts one. */
  newRunId: z.string(),
  receivedAt: instant,
  wakeAt: instant,
  lookUps: z.int(),
});
export type PendingConfirmation = z.infer<typeof pendingConfirmationSchema>;

const entry = { at: instant, attempts: z.int(), wakeAt: instant };

/** What notices are about. */
export const subjects = [
  "runSucceeded",
  "runRecovered",
  "runFailed",
  "runStalled",
  "runCancelled",
  "imagesStale",
  "gateWaiting",
] as const;

/** The last known value of something that starts runs: an image's digest, a branch's commit, a pipeline's run. */
export const seenSchema = z.object({ name: z.string(), value: z.string() });
export type Seen = z.infer<typeof seenSchema>;

/** Something to do because of a run or a look, kept until it is done. */
export const outboxEntrySchema = z.discriminatedUnion("kind", [
  z.object({
    ...entry,
    kind: z.literal("notify"),
    /** Null for a notice about no run. */
    runId: z.nullable(z.string()),
    subject: z.enum(subjects),
    /** Null for the log. */
    channel: z._default(z.nullable(z.string()), null),
    /** The start of the outage that the run is part of. */
    since: z._default(z.nullable(instant), null),
    /** What a run pushed, a line for each of some steps. */
    pushed: z._default(z.array(z.string()), []),
    failed: z.array(
      z.object({
        step: z.string(),
        reason: z.string(),
        attempts: z._default(z.int(), 0),
        /** The first attempt, and the page of the last build, if they are known. */
        triedSince: z.optional(instant),
        url: z.optional(z.string()),
      }),
    ),
    /** How many more there were in `failed`, which a state too large for the store has lost; not set for none. */
    failedLeftOut: z.optional(z.int()),
  }),
  /** Starts a pipeline that comes `after` this one, or whose scheduled start has waited for the run. */
  z.object({
    ...entry,
    kind: z.literal("start"),
    runId: z.string(),
    pipeline: z.string(),
    scheduledFor: z.optional(instant),
    /** The success that a scheduled start is also caused by. Then it is queued if it cannot begin. */
    seen: z.optional(seenSchema),
  }),
]);
export type OutboxEntry = z.infer<typeof outboxEntrySchema>;
export type OutboxEntryOf<K extends OutboxEntry["kind"]> = Extract<OutboxEntry, { kind: K }>;

/** What starts when the active run ends. */
export const queuedRunSchema = z.object({
  id: z.string(),
  cause: z.enum(causes),
  from: z.nullable(z.array(z.string())),
  because: z._default(z.nullable(z.string()), null),
  onlyStale: z._default(z.boolean(), false),
  /** What it was given; the rest is settled when it begins. */
  parameters: z.optional(parametersSchema),
  at: instant,
});
export type QueuedRun = z.infer<typeof queuedRunSchema>;

/** Since when the pipeline is failing, and the steps that must be built to end that. */
export const outageSchema = z.object({ since: instant, steps: z.array(z.string()) });
export type Outage = z.infer<typeof outageSchema>;

/** What the last look at the registries found. */
export const lookSchema = z.object({
  at: instant,
  /** How many looks in a row could not read all images; missing if the last one could. */
  unread: z.optional(z.int()),
  /** The images that are not known to be fresh. */
  images: z.array(
    z.object({
      step: z.string(),
      state: z.enum(["stale", "behind", "unknown"]),
      since: z.nullable(instant),
      because: z.string(),
    }),
  ),
});
export type Look = z.infer<typeof lookSchema>;

export const passedGateSchema = z.object({
  gate: z.string(),
  bases: z.array(z.object({ step: z.string(), digest: z._default(z.nullable(z.string()), null) })),
});
export type PassedGate = z.infer<typeof passedGateSchema>;

/** All that is stored of a pipeline, apart from past runs. */
export const pipelineStateSchema = z.object({
  /** The active run, or else the last one. */
  run: z.nullable(runSchema),
  completions: z.array(completionSchema),
  pendingConfirmations: z.array(pendingConfirmationSchema),
  outbox: z.array(outboxEntrySchema),
  lastSeen: z._default(z.array(seenSchema), []),
  outage: z._default(z.nullable(outageSchema), null),
  queuedRun: z._default(z.nullable(queuedRunSchema), null),
  /** Those after it, with other parameters. */
  queuedLater: z.optional(z.array(queuedRunSchema)),
  /** The scheduled starts of other pipelines that wait for the end of the active run. */
  awaitedBy: z.optional(
    z.array(z.object({ pipeline: z.string(), scheduledFor: instant, seen: z.optional(seenSchema) })),
  ),
  /** For each gate, what came before it when it last passed. */
  passedGates: z.optional(z.array(passedGateSchema)),
  look: z._default(z.nullable(lookSchema), null),
  /** When the registries are looked at next, if they are. */
  lookAt: z._default(z.nullable(instant), null),
  /** The last instant of the schedule that was handled. */
  scheduledFor: z.nullable(instant),
});
export type PipelineState = z.infer<typeof pipelineStateSchema>;

export const emptyState: PipelineState = {
  run: null,
  completions: [],
  pendingConfirmations: [],
  outbox: [],
  lastSeen: [],
  outage: null,
  queuedRun: null,
  look: null,
  lookAt: null,
  scheduledFor: null,
};

export function isUnderWay(stepRun: StepRun): stepRun is StepUnderWay {
  return stepRun.state === "due" || stepRun.state === "triggering" || stepRun.state === "building";
}

export function findStepRun(run: Pick<Run, "steps"> | null, name: string): StepRun | undefined {
  return run === null ? undefined : findByName(run.steps, name);
}

const findByName = createFinder<StepRun>(({ name }) => name);

export function replaceStep<R extends Run>(run: R, changed: StepRun): R {
  return { ...run, steps: run.steps.map((stepRun) => (stepRun.name === changed.name ? changed : stepRun)) };
}

/** Why the step is due, has failed or is fresh, if that is known. */
export function reasonOf(stepRun: StepRun): string | null {
  return "reason" in stepRun ? stepRun.reason : null;
}

/** Whether its image is what this run needs it to be: it was built, or it was fresh already. */
export function isSettled({ state }: StepRun): boolean {
  return state === "done" || state === "fresh";
}

/** When the sweep has to look at the pipeline; null if nothing is open. */
export function wakeAtOf(state: PipelineState): number | null {
  const { soon, watched } = wakeAtsOf(state);
  return earliest([soon, watched].filter((instant) => instant !== null));
}

/**
 * When the sweep has to look at what Tagrelay does itself, which is soon, and at what it only watches: running builds, and the
 * registries.
 */
export function wakeAtsOf({ run, pendingConfirmations, outbox, queuedRun, lookAt }: PipelineState): {
  soon: number | null;
  watched: number | null;
} {
  const soon = [...pendingConfirmations, ...outbox].map(({ wakeAt }) => wakeAt);
  const watched = lookAt === null ? [] : [lookAt];
  if (run?.status === "running") {
    for (const stepRun of run.steps) {
      if (isUnderWay(stepRun)) (stepRun.state === "building" ? watched : soon).push(stepRun.wakeAt);
    }
    if (isPromotionUnderWay(run.promotion)) soon.push(run.promotion.wakeAt);
  } else if (queuedRun !== null) soon.push(queuedRun.at);
  return { soon: earliest(soon), watched: earliest(watched) };
}

function earliest(instants: readonly number[]): number | null {
  return instants.length === 0 ? null : Math.min(...instants);
}
