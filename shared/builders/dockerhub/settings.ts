// The settings of `trigger: { dockerhub: … }`: a trigger of a Docker Hub automated build, and what to build.
import * as z from "zod";
import { secretName } from "../../validation/forms.ts";
import { nameTemplate } from "../template.ts";

const sourceName = nameTemplate("the name of a branch or tag of the source", /^\S+$/);

export const dockerhubSettings = z
  .strictObject({
    secret: secretName,
    branch: sourceName
      .optional()
      .describe("Build this branch of the source, with placeholders. Default: build the step's tag."),
    tag: sourceName
      .optional()
      .describe("Build this tag of the source, with placeholders. Default: build the step's tag."),
    all: z
      .literal(true)
      .optional()
      .describe("Start all builds of the repository. Default: build the step's tag."),
  })
  .refine(({ branch, tag, all }) => [branch, tag, all].filter((choice) => choice !== undefined).length <= 1, {
    error: 'expected only one of "branch", "tag" and "all", found more',
  });

export type DockerhubSettings = z.infer<typeof dockerhubSettings>;
