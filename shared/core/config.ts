// The grammar of tagrelay.yaml. What it means is made of it in compile.ts.
import * as z from "zod";
import { channelSettings, noticeKindList } from "../notify/settings.ts";
import { triggerSettings } from "../triggers/settings.ts";
import { durationPattern } from "./duration.ts";
import { expected } from "./expectation.ts";
import { oneOf, text } from "./forms.ts";
import { mostParallel, pageAccesses } from "./pipeline.ts";

export const pipelineNamePattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,57}$/;

const duration = text("a duration such as 90s, 5m or 4h", durationPattern);
const positiveDuration = text(
  "a duration longer than nothing, such as 90s, 5m or 4h",
  durationPattern,
).refine((value) => /[1-9]/.test(value), {
  error: ({ input }) => expected("a duration longer than nothing", input),
});
const timezone = text("a time zone such as Europe/Paris or UTC", /^[A-Za-z0-9_+/-]+$/);
const localTime = text("a local time such as 2026-12-24T03:00:00", /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/);

const schedule = oneOf('a schedule: { cron: "0 0 * * *" }, { every: 6h } or { at: 2026-12-24T03:00:00 }', [
  z.strictObject({
    cron: text('five fields in quotes, such as "0 0 * * *"', /\S/),
    timezone: timezone.optional(),
  }),
  z.strictObject({ every: positiveDuration }),
  z.strictObject({ at: localTime, timezone: timezone.optional() }),
]);

const tag = text("a tag, or namespace/repo:tag", /\S/);
const namesOf = (what: string) =>
  oneOf(`the name of ${what}, or a list of them`, [text(`the name of ${what}`, /\S/), z.array(z.string())]);

const pattern = text("a path or pattern such as images/base/** or !docs/**", /^!?[^\s!]\S*$/);
const patterns = oneOf("a path or pattern, or a list of them", [pattern, z.array(pattern).min(1)]);
const upstream = text("an image such as debian:bookworm", /\S/);
const upstreams = oneOf("an image, or a list of them", [upstream, z.array(upstream).min(1)]);

const source = z.strictObject({
  github: text("a repository such as owner/name", /^[\w.-]+\/[\w.-]+$/),
  branch: oneOf("a branch, or a list of them", [
    text("a branch", /^\S+$/),
    z.array(text("a branch", /^\S+$/)).min(1),
  ])
    .optional()
    .describe('the branches whose pushes count, by name or pattern; "main" unless told'),
  paths: patterns.optional().describe("the files whose changes count; all unless told"),
});

const notify = oneOf("a channel, a list of them, or what each is told of: { ops: [failed] }", [
  text("the name of a channel", /\S/),
  z.array(z.string()),
  z.record(z.string(), noticeKindList),
]);

const stepDefaults = {
  trigger: triggerSettings.optional(),
  delay: duration.optional(),
  timeout: positiveDuration.optional(),
  retries: z.int().min(0).max(10).optional(),
  account: text("the name of an account", /\S/)
    .optional()
    .describe("whose limit of builds at once counts; that of the image's namespace unless told"),
};

const step = z.strictObject({
  image: tag,
  after: namesOf("a step").optional(),
  paths: patterns.optional().describe("the files of the source that the step is built of"),
  upstream: upstreams.optional().describe("images from elsewhere: when one changes, the step is built"),
  ...stepDefaults,
});

export const pipelineGrammar = z.strictObject({
  image: text("a repository such as namespace/repo", /\S/)
    .optional()
    .describe("the repository of steps that name only a tag"),
  schedule: schedule.optional(),
  after: namesOf("a pipeline")
    .optional()
    .describe("the pipelines after each success of which this one is started"),
  source: source.optional().describe("the repository whose pushes start runs"),
  upstream: upstreams
    .optional()
    .describe("images from elsewhere that the first steps are built from: when one changes, a run starts"),
  upstreamEvery: positiveDuration
    .optional()
    .describe("how often it is looked whether an upstream has changed; 6h unless told"),
  overlap: z.enum(["skip", "restart"]).optional().describe("what a schedule does to a run still active"),
  onPush: z
    .enum(["propagate", "ignore"])
    .optional()
    .describe("what a push of a step's tag outside of any run does"),
  maxParallel: z
    .int()
    .min(1)
    .max(mostParallel)
    .optional()
    .describe("how many steps are built at once; as many as are ready unless told"),
  notify: notify.optional().describe("who is told of what happens to its runs; every channel unless told"),
  stalledAfter: positiveDuration
    .optional()
    .describe("how long a step may be under way until people are told; its time-out unless told"),
  confirm: z
    .enum(["hub", "auto", "webhook"])
    .optional()
    .describe("whether Docker Hub's tag API has to confirm what a webhook tells"),
  ...stepDefaults,
  sequence: z
    .array(oneOf("a tag, or a stage (a list of tags)", [tag, z.array(tag).min(1)]))
    .min(1)
    .optional()
    .describe("tags and stages, each after the one before it"),
  steps: z.record(z.string(), step).optional().describe("the general form: steps by name"),
});

export type PipelineDocument = z.infer<typeof pipelineGrammar>;

export const configGrammar = z.strictObject({
  pipelines: z.record(
    text("a name of letters, digits, dots, dashes and underscores, at most 58", pipelineNamePattern),
    pipelineGrammar,
  ),
  accounts: z
    .record(
      text("a name of letters, digits, dots, dashes and underscores", /^[\w][\w.-]{0,99}$/),
      z.strictObject({ maxParallel: z.int().min(1).max(mostParallel) }),
    )
    .optional()
    .describe("who builds, and how much at once, across all pipelines"),
  channels: z
    .record(
      text("a name of letters, digits, dots, dashes and underscores", /^[\w][\w.-]{0,57}$/),
      channelSettings,
    )
    .optional()
    .describe("who can be told of what happens to runs"),
  url: text("a URL such as https://tagrelay.example.org", /^https?:\/\/[^\s/?#\\@]+(?:\/[^\s?#\\]*)?$/i)
    .optional()
    .describe("where people reach the pages: notices lead there"),
  pages: z
    .enum(pageAccesses)
    .optional()
    .describe(
      "who may see the status pages: anyone, whoever signs in with the API token, or nobody; public on a machine and token on AWS unless told",
    ),
  history: positiveDuration.optional().describe("how long finished runs are kept; 90d unless told"),
});
