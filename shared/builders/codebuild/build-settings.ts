// The settings of `codebuild` in tagrelay.yaml: projects that the stack creates.
import * as z from "zod";
import { oneOf, secretName, text } from "../../validation/forms.ts";
import { buildPlatforms } from "./build-project.ts";

const name = text(
  "a project's name of 2 to 140 letters, digits, dashes and underscores",
  /^[A-Za-z0-9][\w-]{1,139}$/,
);

const github = z.strictObject({
  github: text("a repository such as acme/images", /^[\w.-]+\/[\w.-]+$/).describe(
    "The repository at GitHub with the Dockerfiles.",
  ),
  connection: text(
    "the ARN of a connection, such as arn:aws:codeconnections:eu-west-1:111122223333:connection/…",
    /^arn:[\w-]+:(?:codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection\/[\w-]+$/,
  )
    .optional()
    .describe("The ARN of a connection of AWS CodeConnections. Default: none, for a public repository."),
  branch: text("a branch, tag or commit", /^[^\s~^:?*[\\]{1,255}$/)
    .optional()
    .describe(
      "The branch, tag or commit that is built, unless the trigger says another. Default: the default branch.",
    ),
});

const s3 = z.strictObject({
  s3: text(
    "a bucket and an object, such as acme-sources/images.zip",
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/\S{1,900}$/,
  ).describe("The bucket and the object: a ZIP of the sources."),
});

const login = z.strictObject({
  username: text("a user name", /^[^\s:]+$/).describe("The user, or the name of a robot account."),
  secret: secretName
    .optional()
    .describe("The name of the secret with the access token, which `tagrelay secret set` stores."),
  secretsManager: text(
    "the ARN of a secret in Secrets Manager, with a colon and a key at its end if it is JSON",
    /^arn:[\w-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}(?::[^\s:]+)?$/,
  )
    .optional()
    .describe(
      "The ARN of a secret in Secrets Manager, in place of `secret`; its key in JSON may follow a colon.",
    ),
});

export const codebuildProjects = z.record(
  name,
  z.strictObject({
    source: oneOf("a source such as { github: acme/images } or { s3: bucket/images.zip }", [
      github,
      s3,
    ]).describe("Where the Dockerfiles are."),
    platforms: z
      .array(z.enum(buildPlatforms))
      .min(1)
      .max(2)
      .optional()
      .describe(
        "The platforms that it can build. Default: both, and a second project builds the second one on a machine of its kind.",
      ),
    logins: z
      .record(text("the host of a registry, such as ghcr.io", /^[^\s/@]+$/), login)
      .optional()
      .describe(
        "Logins that may push, by the registry's host. ECR needs none. Default: those of `registries`.",
      ),
    buildspec: text("a path such as buildspec.yml", /^[\w./-]{1,200}$/)
      .optional()
      .describe("The path of a buildspec in the source. Default: none, and Tagrelay's own is used."),
    computeType: text("a compute type such as BUILD_GENERAL1_LARGE", /^BUILD_GENERAL1_[A-Z0-9]{3,12}$/)
      .optional()
      .describe("The size of the machines. Default: BUILD_GENERAL1_MEDIUM."),
  }),
);

export type BuildSettings = { codebuild: z.infer<typeof codebuildProjects> };
