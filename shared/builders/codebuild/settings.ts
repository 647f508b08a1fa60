// The settings of `trigger: { codebuild: … }`.
import * as z from "zod";
import { text } from "../../validation/forms.ts";
import { nameTemplate, template } from "../template.ts";

export const codebuildSettings = z.strictObject({
  project: text(
    "a project's name of 2 to 150 letters, digits, dashes and underscores",
    /^[A-Za-z0-9][\w-]{1,149}$/,
  ).describe("The project's name."),
  region: text("a region such as eu-west-1", /^[a-z]{2,}(?:-[a-z]+)+-\d+$/)
    .optional()
    .describe("The region of the project. Default: that of the stack, or AWS_REGION on one machine."),
  ref: nameTemplate("a branch, tag or commit", /^\S{1,255}$/)
    .optional()
    .describe(
      "The branch, tag or commit that is built, with placeholders; for a source in S3, the version of the object. Default: what the project says.",
    ),
  variables: z
    .record(
      text("a variable's name of letters, digits and underscores", /^[A-Za-z_]\w*$/).refine(
        (name) => !/^(?:CODEBUILD|TAGRELAY)_/.test(name),
        { error: "expected a name that begins with neither CODEBUILD_ nor TAGRELAY_" },
      ),
      template("text", "without secrets"),
    )
    .optional()
    .describe(
      "Environment variables of the build, beside TAGRELAY_IMAGE, TAGRELAY_TAGS, TAGRELAY_PINS, TAGRELAY_BASE, TAGRELAY_RUN, TAGRELAY_STEP and TAGRELAY_ATTEMPT, which every build gets. Default: none.",
    ),
});

export type CodebuildSettings = z.infer<typeof codebuildSettings>;
