// The schemas of the API's answers. The views have their types, the command line parses answers with them, and openapi.ts
// describes them. They are not part of the Lambda bundle.
import * as z from "zod";
import { verdicts } from "../../evidence/evidence.ts";
import { freshnessStates } from "../../evidence/freshness.ts";
import { promotionPhases } from "../../run/promotion.ts";
import { causes, reporters } from "../../run/state.ts";

/** Schemas with a name in /api/openapi.json. */
export const named = z.registry<{ id: string }>();

const instant = z.iso.datetime().describe("A date and time in ISO 8601.").register(named, { id: "Instant" });
const cause = z.enum(causes).describe("What started the run.").register(named, { id: "Cause" });
const names = z.array(z.string());

const build = z
  .object({
    id: z.string(),
    url: z.string().optional(),
    builder: z.string().optional().describe("The address of the host that a command builds on."),
  })
  .describe("The last build, with the id that its builder gave it.")
  .register(named, { id: "Build" });

const standsOn = z
  .object({
    step: z.string().optional().describe("The base, if it is a step of the pipeline."),
    image: z.string().optional().describe("The base, if it is an upstream image."),
    digest: z.string().optional().describe("The version of the base that the verdict is about."),
    verdict: z
      .enum(verdicts)
      .describe(
        "proven: the image was built from this version. contradicted: it was built from an earlier one. unknown: nothing tells.",
      ),
  })
  .register(named, { id: "StandsOn" });
export type StandsOnAnswer = z.infer<typeof standsOn>;

const step = {
  name: z.string(),
  image: z.string().optional().describe("`namespace/repo:tag`. Absent for a gate."),
  gate: z.literal(true).optional().describe("Set for a gate: a step that builds nothing."),
  candidate: z
    .string()
    .optional()
    .describe("What its builds push in this run. Its tag is moved to that when the run is done."),
  attempts: z.int().min(0).describe("How often its build was triggered in this run."),
  triggeredAt: instant.optional().describe("When its build was first triggered in this run."),
  build: build.optional(),
  digest: z.string().optional().describe("What its tag was pushed as in this run, if that is known."),
  platforms: names.optional().describe("The platforms of the image, such as `linux/amd64`."),
  standsOn: z.array(standsOn).optional().describe("Whether the image was built from each of its bases."),
};

const runStep = z
  .discriminatedUnion("state", [
    z.object({ ...step, state: z.enum(["waiting", "triggering", "building", "skipped"]) }),
    z.object({
      ...step,
      state: z.literal("due"),
      dueAt: instant.describe("When its build will be triggered."),
      reason: z.string().optional(),
    }),
    z.object({
      ...step,
      state: z.literal("done"),
      doneAt: instant,
      reportedBy: z
        .enum(reporters)
        .optional()
        .describe(
          "How its end became known: by the registry's webhook, by a look-up because no webhook came, by the builder, or by a person who approved it.",
        ),
    }),
    z.object({ ...step, state: z.literal("failed"), failedAt: instant, reason: z.string() }),
    z
      .object({ ...step, state: z.literal("fresh"), freshAt: instant, reason: z.string() })
      .describe("Not built, because its image stands on what its bases are now."),
  ])
  .register(named, { id: "RunStep" });
export type RunStepAnswer = z.infer<typeof runStep>;

const promotion = z
  .object({
    phase: z
      .enum(promotionPhases)
      .describe(
        "building: the run is not done. preparing: its tags are about to be moved. moving, moved: they are. movingBack, failed: not all tags could be moved, so that none is.",
      ),
    moves: z
      .array(
        z.object({
          step: z.string(),
          image: z.string(),
          digest: z.string().describe("What the run built."),
          replaced: z.string().optional().describe("What the tag pointed to before. Absent for a new tag."),
          moved: z.boolean(),
        }),
      )
      .optional(),
    failures: z.array(z.object({ step: z.string(), reason: z.string() })).optional(),
  })
  .describe("What becomes of the candidates of a run with promote: together.")
  .register(named, { id: "Promotion" });
export type PromotionAnswer = z.infer<typeof promotion>;

const run = {
  id: z.string(),
  pipeline: z.string(),
  cause,
  from: names
    .optional()
    .describe("The steps that the run started at. Absent for a run of the whole pipeline."),
  because: z.string().optional().describe("What changed and so caused the run, if that is known."),
  only: z.literal("stale").optional().describe("Set if the run builds only what is stale."),
  parameters: z
    .record(z.string(), z.string())
    .optional()
    .describe("Its parameters, by name. Absent for a pipeline without any."),
  startedAt: instant,
  promotion: promotion.optional(),
  steps: z.array(runStep),
  logLeftOut: z
    .int()
    .optional()
    .describe("How many earlier changes the log of the run has lost. Absent if it has all of them."),
  shortened: z
    .literal(true)
    .optional()
    .describe(
      "Set if the run was too large for the database, so that steps may lack the ends of reasons, links to builds, and what they stand on.",
    ),
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
    step: z.string().optional().describe("Absent if the entry is about the run itself."),
    attempt: z.int().min(0).optional(),
    state: z.string(),
    reason: z.string().optional(),
  })
  .register(named, { id: "LogEntry" });
export type LogEntryAnswer = z.infer<typeof logEntry>;

const log = z.array(logEntry).describe("The latest changes, oldest first.");
export const runWithLogAnswer = z
  .discriminatedUnion("status", [z.object({ ...running, log }), z.object({ ...ended, log })])
  .register(named, { id: "RunWithLog" });
export type RunWithLogAnswer = z.infer<typeof runWithLogAnswer>;

const rolledBackStep = z
  .discriminatedUnion("outcome", [
    z.object({
      step: z.string(),
      image: z.string(),
      outcome: z.literal("movedBack"),
      digest: z.string().describe("What the tag points to again."),
    }),
    z.object({
      step: z.string(),
      image: z.string(),
      outcome: z.enum(["unchanged", "failed"]),
      reason: z.string(),
    }),
  ])
  .register(named, { id: "RolledBackStep" });
export const rollbackAnswer = z
  .object({ steps: z.array(rolledBackStep).describe("The steps that the run built, in their order.") })
  .register(named, { id: "Rollback" });
export type RollbackAnswer = z.infer<typeof rollbackAnswer>;

export const runsAnswer = z
  .object({
    runs: z.array(runAnswer).describe("Newest first."),
    next: z
      .string()
      .optional()
      .describe("Pass this as the parameter `next` to get older runs. Absent on the last page."),
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
    image: z.string().optional().describe("Absent for a gate."),
    tags: names.optional().describe("Further tags that its build pushes."),
    gate: z.literal(true).optional().describe("Set for a gate: a step that builds nothing."),
    after: names.describe("The steps that must be done before it."),
    trigger: z.string().describe("The kind of its trigger, such as `dockerhub`."),
    upstreams: names.optional().describe("Images outside of Tagrelay that it is built from."),
    paths: names.optional().describe("Patterns of the source files that it is built from."),
    account: z.object({ name: z.string(), maxParallel: z.int() }).optional(),
  })
  .register(named, { id: "PipelineStep" });
export type PipelineStepAnswer = z.infer<typeof pipelineStep>;

const queuedRun = z.object({
  cause,
  from: names.optional(),
  parameters: z.record(z.string(), z.string()).optional(),
  askedAt: instant,
});

export const pipelineAnswer = z
  .object({
    name: z.string(),
    schedule: schedule.optional(),
    nextStartAt: instant.optional().describe("When the schedule starts the next run."),
    after: names.optional().describe("The pipelines whose success starts this one."),
    waitFor: names.optional().describe("The pipelines whose active runs its scheduled starts wait for."),
    source: z
      .object({
        github: z.string().optional().describe("The repository, if it is on GitHub."),
        gitlab: z.string().optional().describe("The project, if it is on GitLab."),
        bitbucket: z.string().optional().describe("The repository, if it is on Bitbucket."),
        branches: names,
        tags: names.optional(),
        paths: names.optional(),
      })
      .optional()
      .describe("The repository whose pushes start runs."),
    maxParallel: z.int().optional().describe("How many steps may run at once. Absent if there is no limit."),
    parameters: z
      .record(z.string(), z.nullable(z.string()))
      .optional()
      .describe("The parameters of its runs and their defaults; null for one without."),
    steps: z.array(pipelineStep).describe("In order: each step comes after the steps it depends on."),
    confirm: z
      .enum(["registry", "auto", "webhook"])
      .describe(
        "What must confirm a push: the registry, the registry if it can be read, or the webhook alone.",
      ),
    next: queuedRun.optional().describe("The run that starts when the active run ends."),
    later: z.array(queuedRun).optional().describe("The runs after that, each with other parameters."),
    run: runAnswer.nullable().describe("The active run, or the last one if none is active."),
  })
  .register(named, { id: "Pipeline" });
export type PipelineAnswer = z.infer<typeof pipelineAnswer>;

export const pipelinesAnswer = z
  .object({ pipelines: z.array(pipelineAnswer) })
  .register(named, { id: "PipelineList" });

const staleImage = z
  .object({
    image: z.string(),
    pipeline: z.string(),
    step: z.string(),
    state: z
      .enum(freshnessStates)
      .describe(
        "fresh: it stands on what its bases are now. stale: it stands on an earlier version of one. behind: one of its bases is stale or behind. unknown: nothing tells.",
      ),
    since: instant.optional().describe("Since when a base has a newer version, if that is known."),
    because: z.array(z.string()).describe("The reasons, in words."),
  })
  .register(named, { id: "StaleImage" });
export type StaleImageAnswer = z.infer<typeof staleImage>;

export const staleAnswer = z.object({ images: z.array(staleImage) }).register(named, { id: "StaleList" });

export const channelTestAnswer = z
  .object({
    channel: z.string(),
    outcome: z
      .enum(["delivered", "simulated", "failed"])
      .describe("simulated: without --live, a notice only goes to the log."),
    reason: z.string().optional().describe("Why it failed, and what to do."),
  })
  .register(named, { id: "ChannelTest" });
export type ChannelTestAnswer = z.infer<typeof channelTestAnswer>;

export const buildAnswer = z
  .object({
    id: z.string(),
    image: z.string(),
    status: z.enum(["queued", "building", "succeeded", "failed", "cancelled"]),
    queuedAt: instant,
    startedAt: instant.optional(),
    endedAt: instant.optional(),
    reason: z.string().optional().describe("Why it failed."),
    builder: z.string().optional().describe("The address of the host that it is built on."),
  })
  .describe("A build that was asked for with a Dockerfile. It belongs to no pipeline.")
  .register(named, { id: "DockerfileBuild" });
export type BuildAnswer = z.infer<typeof buildAnswer>;

export const buildsAnswer = z
  .object({ builds: z.array(buildAnswer).describe("Newest first.") })
  .register(named, { id: "DockerfileBuildList" });

export const problemAnswer = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What was expected, and what was found."),
  })
  .describe("A problem document (RFC 9457).")
  .register(named, { id: "Problem" });
