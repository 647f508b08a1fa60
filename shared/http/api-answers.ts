// What the API answers, as schemas: the views are typed by them, /api/openapi.json is made of them, and the command
// line reads answers by them. Nothing of this is in what runs on Lambda.
import * as z from "zod";
import { causes } from "../core/run.ts";

/** The schemas that have a name in /api/openapi.json. */
export const named = z.registry<{ id: string }>();

const instant = z.iso.datetime().describe("an instant, in ISO 8601").register(named, { id: "Instant" });
const cause = z.enum(causes).describe("what started it").register(named, { id: "Cause" });
const names = z.array(z.string());

const build = z
  .object({ id: z.string(), url: z.string().optional() })
  .describe("by what whoever builds knows the last build")
  .register(named, { id: "Build" });

const step = {
  name: z.string(),
  image: z.string().describe("as in `namespace/repo:tag`"),
  attempts: z.int().min(0).describe("how often its build was asked for in this run"),
  triggeredAt: instant.optional().describe("the first time that its build was asked for"),
  build: build.optional(),
};

const runStep = z
  .discriminatedUnion("state", [
    z.object({ ...step, state: z.enum(["waiting", "triggering", "building", "skipped"]) }),
    z.object({
      ...step,
      state: z.literal("due"),
      dueAt: instant.describe("when its build is asked for"),
      reason: z.string().optional(),
    }),
    z.object({ ...step, state: z.literal("done"), doneAt: instant }),
    z.object({ ...step, state: z.literal("failed"), failedAt: instant, reason: z.string() }),
  ])
  .register(named, { id: "RunStep" });
export type RunStepAnswer = z.infer<typeof runStep>;

const run = {
  id: z.string(),
  pipeline: z.string(),
  cause,
  from: names.optional().describe("the steps that it started at, if not at the first ones"),
  startedAt: instant,
  steps: z.array(runStep),
};
const running = { ...run, status: z.literal("running") };
const ended = { ...run, status: z.enum(["succeeded", "failed", "cancelled"]), endedAt: instant };

export const runAnswer = z
  .discriminatedUnion("status", [z.object(running), z.object(ended)])
  .register(named, { id: "Run" });
export type RunAnswer = z.infer<typeof runAnswer>;

const logEntry = z
  .object({
    at: instant,
    step: z.string().optional().describe("absent where the state is the run's own"),
    attempt: z.int().min(0).optional(),
    state: z.string(),
    reason: z.string().optional(),
  })
  .register(named, { id: "LogEntry" });
export type LogEntryAnswer = z.infer<typeof logEntry>;

const log = z.array(logEntry).describe("the newest of what happened in it, oldest first");
export const runWithLogAnswer = z
  .discriminatedUnion("status", [z.object({ ...running, log }), z.object({ ...ended, log })])
  .register(named, { id: "RunWithLog" });
export type RunWithLogAnswer = z.infer<typeof runWithLogAnswer>;

export const runsAnswer = z
  .object({
    runs: z.array(runAnswer).describe("newest first"),
    next: z.string().optional().describe("given as the parameter `next`, it leads to the older ones"),
  })
  .register(named, { id: "RunList" });

const schedule = z
  .union([
    z.object({ cron: z.string(), timezone: z.string() }),
    z.object({ everySeconds: z.number() }),
    z.object({ at: instant }),
  ])
  .register(named, { id: "Schedule" });
export type ScheduleAnswer = z.infer<typeof schedule>;

const pipelineStep = z
  .object({
    name: z.string(),
    image: z.string(),
    after: names.describe("the steps that it comes after"),
    trigger: z.string().describe("the kind of its trigger, such as dockerhub"),
    upstreams: names.optional().describe("images from elsewhere that it is built from"),
    paths: names.optional().describe("patterns of the source's files that it is made of"),
    account: z.object({ name: z.string(), maxParallel: z.int() }).optional(),
  })
  .register(named, { id: "PipelineStep" });
export type PipelineStepAnswer = z.infer<typeof pipelineStep>;

export const pipelineAnswer = z
  .object({
    name: z.string(),
    schedule: schedule.optional(),
    nextStartAt: instant.optional().describe("when its schedule starts it next"),
    after: names.optional().describe("the pipelines after whose success it is started"),
    source: z
      .object({ github: z.string(), branches: names, paths: names.optional() })
      .optional()
      .describe("the repository whose pushes start it"),
    maxParallel: z.int().optional().describe("how many steps are under way at once, where that is limited"),
    steps: z.array(pipelineStep).describe("each after all that it comes after"),
    confirm: z.enum(["hub", "auto", "webhook"]).describe("who has to say that a tag was pushed"),
    next: z
      .object({ cause, from: names.optional(), askedAt: instant })
      .optional()
      .describe("what is run once the active run is over"),
    run: runAnswer.nullable().describe("the active run, or else the last one"),
  })
  .register(named, { id: "Pipeline" });
export type PipelineAnswer = z.infer<typeof pipelineAnswer>;

export const pipelinesAnswer = z
  .object({ pipelines: z.array(pipelineAnswer) })
  .register(named, { id: "PipelineList" });

export const problemAnswer = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("what was expected, what was found"),
  })
  .describe("a problem of RFC 9457")
  .register(named, { id: "Problem" });
