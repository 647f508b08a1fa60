// The grammar of a pipeline and its steps.
import * as z from "zod";
import { triggerSettings } from "../builders/settings.ts";
import { noticeKindList } from "../channels/settings.ts";
import { sourceHosts } from "../kinds/source.ts";
import { noParallelLimit } from "../pipeline/pipeline.ts";
import { oneOf, text } from "../validation/forms.ts";
import { duration, positiveDuration, scheduleGrammar } from "./schedule-grammar.ts";

const tag = text("a tag, or namespace/repo:tag", /\S/);
const namesOf = (what: string) =>
  oneOf(`the name of ${what}, or a list of them`, [text(`the name of ${what}`, /\S/), z.array(z.string())]);

const pattern = text("a path or pattern such as images/base/** or !docs/**", /^!?[^\s!]\S*$/);
const patterns = oneOf("a path or pattern, or a list of them", [pattern, z.array(pattern).min(1)]);
const upstream = text("an image such as debian:bookworm", /\S/);
const upstreams = oneOf("an image, or a list of them", [upstream, z.array(upstream).min(1)]);
const branch = text("a branch", /^\S+$/);

const tagPattern = text("a tag or pattern such as v* or v{version}", /^[^\s]+$/);
const repository = text("a repository such as owner/name", /^[\w.-]+\/[\w.-]+$/);

const project = text("a project such as group/name", /^[\w.-]+(?:\/[\w.-]+)+$/);

const sourceSettings = z.strictObject({
  github: repository.optional().describe("The repository on GitHub, such as owner/name."),
  gitlab: project
    .optional()
    .describe("The project on GitLab, also a self-managed one, such as group/name or group/subgroup/name."),
  bitbucket: repository.optional().describe("The repository on Bitbucket Cloud, such as workspace/name."),
  branch: oneOf("a branch, or a list of them", [branch, z.array(branch).min(1)])
    .optional()
    .describe("The branches whose pushes start runs, by name or pattern. Default: main; with tags, none."),
  tags: oneOf("a tag or pattern, or a list of them", [tagPattern, z.array(tagPattern).min(1)])
    .optional()
    .describe(
      "The tags whose pushes start runs, by name or pattern. v{version} gives the run the parameter version, and {sourceref} is the whole tag. In v*, the first * is {version}. Default: none.",
    ),
  paths: patterns
    .optional()
    .describe(
      "The files whose changes start runs, by path or pattern. Bitbucket does not say which files a push changes, so all count. Default: all files.",
    ),
});

const source = sourceSettings
  .refine((settings) => sourceHosts.filter((host) => settings[host] !== undefined).length === 1, {
    error: 'expected one of "github", "gitlab" and "bitbucket", found none or more',
  })
  .meta({ oneOf: sourceHosts.map((host) => ({ required: [host] })) });

const notify = oneOf("a channel, a list of channels, or the notices of each channel: { ops: [failed] }", [
  text("the name of a channel", /\S/),
  z.array(z.string()),
  z.record(z.string(), noticeKindList),
]);

/** What a pipeline sets for its steps, and a step for itself. */
const platform = text("a platform such as linux/amd64", /^[a-z0-9]+(?:\/[a-z0-9_.]+){1,2}$/);

const stepSettings = {
  trigger: triggerSettings
    .optional()
    .describe(
      "How builds are started. A step's own trigger replaces its pipeline's. Default: an automated build on Docker Hub, with a secret named after the repository.",
    ),
  delay: duration
    .optional()
    .describe(
      "How long to wait between the end of a step and the trigger of the next. Docker Hub ignores triggers that come too soon. Default: 0s.",
    ),
  timeout: positiveDuration
    .optional()
    .describe(
      "How long a build may take from its trigger to its end. After that, it is retried or the step fails. Default: 5h; for an approval, 7d.",
    ),
  done: z
    .enum(["pushed", "built"])
    .optional()
    .describe(
      "What ends a step: pushed waits for the push of its tag; built accepts the word of its builder (github, gitlab or command) or of its job at /hooks/done. Default: built for command, pushed for all others.",
    ),
  verify: z
    .enum(["auto", "required", "off"])
    .optional()
    .describe(
      "Whether a pushed image must stand on the images it is built from: auto fails a step whose image is known to stand on an older base, required fails a step unless its image is proven to stand on the bases of this run, off does not look. Default: auto.",
    ),
  identity: z
    .strictObject({
      issuer: text("the URL of an issuer, such as https://oidc.circleci.com/org/ID", /^https?:\/\/\S+[^\s/]$/)
        .optional()
        .describe("Who signs the tokens. Default: that of the trigger, for github and gitlab."),
      claims: z
        .record(z.string(), z.string())
        .optional()
        .describe(
          "What a token has to say, by claim. With the default issuer, it has to name the repository or project of the trigger, too.",
        ),
    })
    .optional()
    .describe(
      "The identity tokens (OIDC) that prove at /hooks/done that a job may report the end of a build. Default: those of the repository or project that the trigger names, for github and gitlab; otherwise none.",
    ),
  watch: z
    .boolean()
    .optional()
    .describe(
      "Whether the image is built elsewhere: no run builds it, it needs no trigger, and only its freshness is looked at. Default: false.",
    ),
  platforms: z
    .array(platform)
    .min(1)
    .optional()
    .describe(
      "The platforms that a pushed image must have, such as linux/arm64. Default: those that the tag had before.",
    ),
  retries: z
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe("How many times a build that failed or timed out is started again. Default: 1; for a gate, 0."),
  account: text("the name of an account", /\S/)
    .optional()
    .describe(
      "The account whose limit on parallel builds applies. Default: for builds on Docker Hub, the account that has the name of the image's namespace; otherwise none.",
    ),
};

const tags = oneOf("a tag, or a list of them", [tag, z.array(tag).min(1)]);
const matrixValue = text('a text such as "3.12"', /\S/);
const parameterName = text("a name of letters, digits and underscores, at most 40", /^[A-Za-z_]\w{0,39}$/);

export const stepGrammar = z.strictObject({
  image: tag
    .optional()
    .describe(
      "The tag to build: a tag of the pipeline's image, or namespace/repo:tag. Required, except for a gate.",
    ),
  gate: z
    .literal(true)
    .optional()
    .describe(
      "Makes the step a gate: it builds nothing, and what comes after it waits until it passes. With a trigger, the job that it starts decides; without one, a person approves it.",
    ),
  tags: tags
    .optional()
    .describe(
      "Further tags that the same build pushes, such as stable or acme/app:{date}. The trigger gets all of them as {tags}. Default: none.",
    ),
  matrix: z
    .record(parameterName, z.array(matrixValue).min(1))
    .optional()
    .describe(
      'Makes a step for each combination of these values, such as { python: ["3.12", "3.13"] }. Its texts may contain {python}. Default: a single step.',
    ),
  after: namesOf("a step").optional().describe("The steps that must be done before this one. Default: none."),
  paths: patterns
    .optional()
    .describe(
      "The files of the source that the step is built from. A push that changes one of them starts a run at this step.",
    ),
  upstream: upstreams
    .optional()
    .describe(
      "Images from elsewhere that the step is built from. A new version of one of them starts a run at this step.",
    ),
  ...stepSettings,
});

export const pipelineGrammar = z.strictObject({
  image: text("a repository such as namespace/repo", /\S/)
    .optional()
    .describe("The repository of steps that name only a tag, such as namespace/repo."),
  parameters: z
    .record(parameterName, z.nullable(z.string()))
    .optional()
    .describe(
      'Parameters of a run and their defaults, such as { version: "1.2" }; null for one that each run must be given. Tags and triggers may contain {version}. Default: none.',
    ),
  schedule: scheduleGrammar
    .optional()
    .describe("When runs start: by cron, at an interval, or once. Default: no schedule."),
  after: namesOf("a pipeline").optional().describe("The pipelines whose successful runs start this one."),
  waitFor: namesOf("a pipeline")
    .optional()
    .describe(
      "The pipelines that a scheduled start waits for: while a run of one of them is active, it starts when that run has ended, however it ended.",
    ),
  source: source.optional().describe("The repository whose pushes start runs."),
  upstream: upstreams
    .optional()
    .describe(
      "Images from elsewhere that the first steps are built from. A new version of one of them starts a run.",
    ),
  upstreamEvery: positiveDuration
    .optional()
    .describe("How often the upstreams are checked for new versions, at least 1m. Default: 6h."),
  upstreamPlatforms: z
    .array(platform)
    .min(1)
    .optional()
    .describe("The platforms of upstreams whose new versions start runs, such as linux/amd64. Default: all."),
  overlap: z
    .enum(["skip", "restart"])
    .optional()
    .describe(
      "What a scheduled start does while a run is active: skip drops the start, restart cancels the active run and starts a new one. Default: skip.",
    ),
  look: oneOf("a duration such as 24h, or off", [positiveDuration, z.literal("off")])
    .optional()
    .describe(
      "How often the registries are asked whether the images stand on what their bases are now, at least 1m, or off. What is stale is built with rebuild: stale, and reported to channels that get stale notices. Default: 24h with rebuild: stale or watched steps, otherwise off.",
    ),
  rebuild: z
    .enum(["always", "stale"])
    .optional()
    .describe(
      "What a run builds: always builds all its steps; stale builds a step only if its image does not stand on what its bases are now. A step without bases, or one that a run was started at, is built in any case. Default: always.",
    ),
  promote: z
    .enum(["together"])
    .optional()
    .describe(
      "How tags come to point to what was built: with together, builds push candidate tags, and all tags are moved to them once the whole run is done, with its gates. Default: each build pushes its tag itself.",
    ),
  onPush: z
    .enum(["propagate", "ignore"])
    .optional()
    .describe(
      "What the push of a step's tag does while no run is active: propagate starts a run of the steps after it, ignore does nothing. Default: propagate.",
    ),
  maxParallel: z
    .int()
    .min(1)
    .max(noParallelLimit)
    .optional()
    .describe(
      "How many steps may be under way at once, including those that wait for a delay or a retry. Default: no limit.",
    ),
  notify: notify
    .optional()
    .describe(
      "The channels that get notices of its runs: a name, a list, or a map from each channel to its notices. Default: all channels.",
    ),
  stalledAfter: positiveDuration
    .optional()
    .describe(
      "How long a step may be under way before its run is reported as stalled. Default: the step's timeout.",
    ),
  confirm: z
    .enum(["registry", "hub", "auto", "webhook"])
    .optional()
    .describe(
      "What confirms a push that a webhook reports: registry (or hub, its older name) requires the image's registry; auto asks the registry, and accepts the webhook alone if the repository cannot be read; webhook accepts the webhook alone. Default: auto.",
    ),
  ...stepSettings,
  sequence: z
    .array(oneOf("a tag, or a stage (a list of tags)", [tag, z.array(tag).min(1)]))
    .min(1)
    .optional()
    .describe(
      "The tags in their order. A list within it is a stage: its tags are built in parallel, and what follows waits for all of them. Either this or steps is required.",
    ),
  steps: z
    .record(z.string(), stepGrammar)
    .optional()
    .describe(
      "The steps by name, each with the steps that it comes after. Either this or sequence is required.",
    ),
});

export type PipelineDocument = z.infer<typeof pipelineGrammar>;
export type PipelineInput = z.input<typeof pipelineGrammar>;
