// The settings of `trigger: { gitlab: … }`.
import * as z from "zod";
import { secretName, text } from "../../validation/forms.ts";
import { nameTemplate, template } from "../template.ts";

export const gitlabSettings = z.strictObject({
  project: z
    .union(
      [
        z.int().positive(),
        text("a project's number, or its path such as group/name", /^[\w.-]+(?:\/[\w.-]+)+$/),
      ],
      {
        error: "expected a project's number, or its path such as group/name",
      },
    )
    .describe("The project's number, or its path such as group/name."),
  ref: nameTemplate("a branch or tag", /^\S+$/)
    .default("main")
    .describe("The branch or tag whose pipeline runs, with placeholders. Default: main."),
  variables: z
    .record(
      text("a variable's name of letters, digits and underscores", /^\w+$/),
      template("text", "without secrets"),
    )
    .optional()
    .describe("The variables that are passed to the pipeline."),
  host: text("a host such as gitlab.example.org", /^[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/i)
    .default("gitlab.com")
    .describe("The host of a self-managed GitLab. Default: gitlab.com."),
  secret: secretName,
});

export type GitlabSettings = z.infer<typeof gitlabSettings>;
