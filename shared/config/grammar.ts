// The grammar of tagrelay.yaml. compile.ts turns a document that matches it into pipelines. Editors show the descriptions.
import * as z from "zod";
import { codebuildProjects } from "../builders/codebuild/build-settings.ts";
import { channelSettings } from "../channels/settings.ts";
import { metricsAccesses, noParallelLimit, pageAccesses } from "../pipeline/pipeline.ts";
import { text } from "../validation/forms.ts";
import { buildsGrammar } from "./builds-grammar.ts";
import { pipelineGrammar } from "./pipeline-grammar.ts";
import { positiveDuration } from "./schedule-grammar.ts";

export const pipelineName = text(
  "a name of letters, digits, dots, dashes and underscores, at most 58",
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,57}$/,
);

export const accountGrammar = z.strictObject({
  maxParallel: z
    .int()
    .min(1)
    .max(noParallelLimit)
    .describe("How many builds may run at once on this account, across all pipelines."),
});

export const configGrammar = z.strictObject({
  pipelines: z
    .record(pipelineName, pipelineGrammar)
    .describe("The pipelines by name. At least one is required."),
  accounts: z
    .record(
      text("a name of letters, digits, dots, dashes and underscores", /^[\w][\w.-]{0,99}$/),
      accountGrammar,
    )
    .optional()
    .describe("Limits on parallel builds, by account. Default: no limits."),
  channels: z
    .record(
      text("a name of letters, digits, dots, dashes and underscores", /^[\w][\w.-]{0,57}$/),
      channelSettings,
    )
    .optional()
    .describe("Where notices are sent, by name. Default: nowhere; the log has them all the same."),
  registries: z
    .record(
      text("the host of a registry, such as ghcr.io or registry.example.org:5000", /^[^\s/@]+$/),
      z.strictObject({
        login: z
          .strictObject({
            username: text("a user name", /^[^\s:]+$/).describe("The user, or the name of a robot account."),
            secret: text("the name of a secret, such as GHCR_TOKEN", /^[A-Za-z_][A-Za-z0-9_]*$/).describe(
              "The name of the secret with the password or the access token.",
            ),
          })
          .optional()
          .describe("The login for looking up images. It only needs to read. Default: no login."),
        webhookSecret: text("the name of a secret, such as HARBOR_WEBHOOK_SECRET", /^[A-Za-z_][A-Za-z0-9_]*$/)
          .optional()
          .describe(
            "The name of a secret for this registry's webhooks. Who knows it may only report pushes to this registry. Default: TAGRELAY_WEBHOOK_SECRET.",
          ),
      }),
    )
    .optional()
    .describe(
      "Settings of registries, by host. Docker Hub is docker.io. Default: none; images are looked up without a login.",
    ),
  codebuild: codebuildProjects
    .optional()
    .describe(
      "Projects of AWS CodeBuild that the stack on AWS creates, by name; triggers name them. The local program ignores them. Default: none.",
    ),
  url: text("a URL such as https://tagrelay.example.org", /^https?:\/\/[^\s/?#\\@]+(?:\/[^\s?#\\]*)?$/i)
    .optional()
    .describe(
      "The public address of the status pages, for the links in notices. Default: no links; on AWS, the address of the HTTP API.",
    ),
  pages: z
    .enum(pageAccesses)
    .optional()
    .describe(
      "Who may see the status pages: public for anyone, token for people who sign in with the API token, off for nobody. Default: public on one machine, token on AWS.",
    ),
  metrics: z
    .enum(metricsAccesses)
    .optional()
    .describe(
      "Who may read /metrics: public for anyone, token for those who send the API token. Default: token.",
    ),
  builds: buildsGrammar
    .optional()
    .describe(
      "How builds that POST /api/builds asks for are run, on one machine. Default: such builds are refused.",
    ),
  history: positiveDuration.optional().describe("How long finished runs are kept. Default: 90d."),
});

export type ConfigDocument = z.infer<typeof configGrammar>;
