// The grammar of tagrelay.yaml. compile.ts turns a document that matches it into pipelines. Editors show the descriptions.
import * as z from "zod";
import { channelSettings } from "../channels/settings.ts";
import { mostParallel, pageAccesses } from "../pipeline/pipeline.ts";
import { text } from "../validation/forms.ts";
import { pipelineGrammar } from "./pipeline-grammar.ts";
import { positiveDuration } from "./schedule-grammar.ts";

const pipelineNamePattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,57}$/;

export const accountGrammar = z.strictObject({
  maxParallel: z
    .int()
    .min(1)
    .max(mostParallel)
    .describe("How many builds may run at once on this account, across all pipelines."),
});

export const configGrammar = z.strictObject({
  pipelines: z
    .record(
      text("a name of letters, digits, dots, dashes and underscores, at most 58", pipelineNamePattern),
      pipelineGrammar,
    )
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
  history: positiveDuration.optional().describe("How long finished runs are kept. Default: 90d."),
});
