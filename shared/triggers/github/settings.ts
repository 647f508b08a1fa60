// What `trigger: { github: … }` may say.
import * as z from "zod";
import { secretName, text } from "../../core/expectation.ts";

export const githubSettings = z.strictObject({
  repository: text("a repository such as owner/name", /^[\w.-]+\/[\w.-]+$/),
  workflow: text("the file name or number of a workflow, such as image.yml", /^[\w.-]+$/),
  ref: text("a branch or tag", /^\S+$/).default("main"),
  inputs: z.record(z.string(), z.string()).optional(),
  secret: secretName,
});

export type GithubSettings = z.infer<typeof githubSettings>;
