// A run and the state of its steps, as they are kept: instants in epoch milliseconds.
import * as z from "zod/mini";

const instant = z.number();

/** By what whoever builds knows a build: it came with the answer to the trigger. */
export const ticketSchema = z.object({ id: z.string(), url: z.nullable(z.string()) });
export type Ticket = z.infer<typeof ticketSchema>;

const step = {
  name: z.string(),
  image: z.string(),
  /** Calls of the trigger in this run, whatever became of them: the number of the last one. */
  attempts: z.int(),
  /** How many of the step's retries are used up: builds that did not arrive in time. */
  retried: z.int(),
  /** The first call since the run was started or retried: a push since then counts. */
  triggeredAt: z.nullable(instant),
  /** Of the last build that was begun. */
  ticket: z._default(z.nullable(ticketSchema), null),
  /** Its place among the builds that an account does at once: held, or waited for, and since when it was wanted. */
  slot: z._default(z.nullable(z.object({ account: z.string(), since: instant, isHeld: z.boolean() })), null),
};

/** What is under way has an instant at which it is looked at again, whatever happens or does not. */
const underWay = {
  wakeAt: instant,
  /** When the build that was asked for counts as failed; null before the first call. */
  giveUpAt: z.nullable(instant),
  /** Look-ups in a row that told nothing. */
  lookUps: z.int(),
};

export const stepRunSchema = z.discriminatedUnion("state", [
  z.object({ ...step, state: z.literal("waiting") }),
  z.object({
    ...step,
    ...underWay,
    state: z.literal("due"),
    dueAt: instant,
    reason: z.nullable(z.string()),
  }),
  z.object({ ...step, ...underWay, state: z.literal("triggering") }),
  z.object({ ...step, ...underWay, state: z.literal("building") }),
  z.object({ ...step, state: z.literal("done"), doneAt: instant }),
  z.object({
    ...step,
    state: z.literal("failed"),
    failedAt: instant,
    reason: z.string(),
  }),
  z.object({ ...step, state: z.literal("skipped") }),
]);

export type StepRun = z.infer<typeof stepRunSchema>;
export type StepUnderWay = Extract<StepRun, { wakeAt: number }>;

export const causes = ["schedule", "manual", "push", "upstream", "source"] as const;
export type Cause = (typeof causes)[number];

/** What happened in a run: a step's new state, or, without a step, the run's own. */
export const runLogEntrySchema = z.object({
  at: instant,
  step: z.nullable(z.string()),
  state: z.string(),
  attempt: z.int(),
  reason: z.nullable(z.string()),
});
export type RunLogEntry = z.infer<typeof runLogEntrySchema>;

const run = {
  id: z.string(),
  pipeline: z.string(),
  cause: z.enum(causes),
  /** The steps that the run starts at; null for the whole pipeline. */
  from: z.nullable(z.array(z.string())),
  /** The step whose push outside of any run caused this one. */
  pushedStep: z.nullable(z.string()),
  startedAt: instant,
  /** When it was said that it gets no further. */
  stalledAt: z._default(z.nullable(instant), null),
  /** The newest of what happened in it. */
  log: z._default(z.array(runLogEntrySchema), []),
  steps: z.array(stepRunSchema),
};

export const runSchema = z.discriminatedUnion("status", [
  z.object({ ...run, status: z.literal("running") }),
  z.object({
    ...run,
    status: z.enum(["succeeded", "failed", "cancelled"]),
    endedAt: instant,
  }),
]);

export type Run = z.infer<typeof runSchema>;
export type ActiveRun = Extract<Run, { status: "running" }>;
export type EndedRun = Exclude<Run, ActiveRun>;

/** The record that a tag was pushed: what the webhook said, in its own unit, and what Docker Hub's tag API said. */
export const completionSchema = z.object({
  step: z.string(),
  at: instant,
  pushedAt: z.nullable(z.number()),
  hubAt: z.nullable(instant),
});
export type Completion = z.infer<typeof completionSchema>;

/** A push that a webhook told of and that Docker Hub has not confirmed yet. */
export const toldPushSchema = z.object({
  step: z.string(),
  pushedAt: z.nullable(z.number()),
  /** The id of the run that it starts, should it start one. */
  newRunId: z.string(),
  at: instant,
  wakeAt: instant,
  lookUps: z.int(),
});
export type ToldPush = z.infer<typeof toldPushSchema>;

const errand = { runId: z.string(), at: instant, attempts: z.int(), wakeAt: instant };

/** What is to be done for a run that has ended, kept until it is. */
export const errandSchema = z.discriminatedUnion("kind", [
  z.object({
    ...errand,
    kind: z.literal("notify"),
    subject: z.enum(["runSucceeded", "runRecovered", "runFailed", "runStalled", "runCancelled"]),
    /** Who is told; null for the log. */
    channel: z._default(z.nullable(z.string()), null),
    /** Since when the pipeline has not been as it should be. */
    since: z._default(z.nullable(instant), null),
    failed: z.array(z.object({ step: z.string(), reason: z.string(), attempts: z._default(z.int(), 0) })),
  }),
  z.object({ ...errand, kind: z.literal("start"), pipeline: z.string() }),
]);
export type Errand = z.infer<typeof errandSchema>;
export type ErrandOf<K extends Errand["kind"]> = Extract<Errand, { kind: K }>;

/** What something that starts runs was last seen to be: a pipeline's run, a source's commit, an image's digest. */
export const newsSchema = z.object({ of: z.string(), is: z.string() });
export type News = z.infer<typeof newsSchema>;

export const nextRunSchema = z.object({
  id: z.string(),
  cause: z.enum(causes),
  from: z.nullable(z.array(z.string())),
  at: instant,
});
export type NextRun = z.infer<typeof nextRunSchema>;

/** What is not as it should be, and since when: the steps that have to be built for it to be over. */
export const troubleSchema = z.object({ since: instant, steps: z.array(z.string()) });
export type Trouble = z.infer<typeof troubleSchema>;

/** All that is known of a pipeline: its active or else its last run, what was pushed, what is still to be seen to. */
export const pipelineStateSchema = z.object({
  run: z.nullable(runSchema),
  completions: z.array(completionSchema),
  told: z.array(toldPushSchema),
  errands: z.array(errandSchema),
  /** What was seen last of each thing that starts runs. */
  news: z._default(z.array(newsSchema), []),
  trouble: z._default(z.nullable(troubleSchema), null),
  /** What is to be run once the active run is over. */
  next: z._default(z.nullable(nextRunSchema), null),
  /** The last instant of the schedule that was seen to. */
  scheduledFor: z.nullable(instant),
});
export type PipelineState = z.infer<typeof pipelineStateSchema>;

export const emptyState: PipelineState = {
  run: null,
  completions: [],
  told: [],
  errands: [],
  news: [],
  trouble: null,
  next: null,
  scheduledFor: null,
};

export function isUnderWay(step: StepRun): step is StepUnderWay {
  return step.state === "due" || step.state === "triggering" || step.state === "building";
}

/** When the pipeline is to be looked at again, or null where nothing is to be seen to. */
export function wakeAtOf({ run, told, errands, next }: PipelineState): number | null {
  const steps = run?.status === "running" ? run.steps.filter(isUnderWay) : [];
  const instants = [...steps, ...told, ...errands].map(({ wakeAt }) => wakeAt);
  if (run?.status !== "running" && next !== null) instants.push(next.at);
  return instants.length === 0 ? null : Math.min(...instants);
}
