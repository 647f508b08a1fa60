// What `trigger: { gitlab: … }` may say.
import * as z from "zod";
import { secretName, text } from "../../core/forms.ts";
import { template } from "../template.ts";

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
    .describe("the project's number, or its path such as group/name"),
  ref: text("a branch or tag", /^\S+$/).default("main"),
  variables: z
    .record(
      text("a variable's name of letters, digits and underscores", /^\w+$/),
      template("text", "without secrets"),
    )
    .optional()
    .describe("what the pipeline is given"),
  host: text("a host such as gitlab.example.org", /^[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/i)
    .default("gitlab.com")
    .describe("one's own GitLab; gitlab.com unless told"),
  secret: secretName,
});

export type GitlabSettings = z.infer<typeof gitlabSettings>;
