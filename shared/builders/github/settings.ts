// The settings of `trigger: { github: … }`: a workflow or an event to dispatch, and the credentials for it.
import * as z from "zod";
import { secretName, text } from "../../validation/forms.ts";
import { nameTemplate, template } from "../template.ts";

const texts = z.record(z.string(), template("text", "without secrets"));

const app = z
  .strictObject({
    id: z
      .union([z.int().positive(), text("the app's number or its client ID", /^[\w.-]{1,100}$/)], {
        error: "expected the app's number or its client ID",
      })
      .describe("The app's number or its client ID."),
    installation: z.int().positive().describe("The number of the app's installation."),
    secret: secretName,
  })
  .describe("A GitHub App, instead of a token. Its secret is the private key in PEM format.");

const document = z.strictObject({
  repository: text("a repository such as owner/name", /^[\w.-]+\/[\w.-]+$/),
  workflow: text("the file name or number of a workflow, such as image.yml", /^[\w.-]+$/).optional(),
  ref: nameTemplate("a branch or tag", /^\S+$/)
    .optional()
    .describe("The branch or tag whose workflow runs, with placeholders. Default: main."),
  inputs: texts.optional().describe("The inputs that are passed to the workflow."),
  enable: z
    .boolean()
    .optional()
    .describe(
      "Whether a workflow that is disabled is enabled, and dispatched again. Default: false, which fails the step.",
    ),
  event: nameTemplate("the name of an event, of at most 100 characters", /^\S.{0,99}$/)
    .optional()
    .describe("The type of the repository_dispatch event, with placeholders."),
  payload: texts
    .refine((payload) => Object.keys(payload).length <= 10, {
      error: "expected at most 10 keys (GitHub's limit), found more",
    })
    .optional()
    .describe("The client_payload of the event."),
  secret: secretName.optional(),
  app: app.optional(),
});

export type GithubApp = z.infer<typeof app>;
export type GithubDispatch =
  | { workflow: string; ref: string; inputs?: Record<string, string>; enable?: boolean }
  | { event: string; payload?: Record<string, string> };
export type GithubCredentials = { secret: string } | { app: GithubApp };
export type GithubSettings = { repository: string } & GithubDispatch & GithubCredentials;

export const githubSettings = document.transform((found, { addIssue }): GithubSettings => {
  const dispatch = readDispatch(found, addIssue);
  const credentials = readCredentials(found, addIssue);
  if (dispatch === null || credentials === null) return z.NEVER;
  return { repository: found.repository, ...dispatch, ...credentials };
});

type Document = z.infer<typeof document>;
type AddIssue = (message: string) => void;

function readDispatch(found: Document, addIssue: AddIssue): GithubDispatch | null {
  const { workflow, ref, inputs, enable, event, payload } = found;
  if (workflow !== undefined && event === undefined && payload === undefined) {
    return {
      workflow,
      ref: ref ?? "main",
      ...(inputs === undefined ? {} : { inputs }),
      ...(enable === undefined ? {} : { enable }),
    };
  }
  const ofWorkflow = [workflow, ref, inputs, enable];
  if (event !== undefined && ofWorkflow.every((setting) => setting === undefined)) {
    return { event, ...(payload === undefined ? {} : { payload }) };
  }
  const keys = Object.keys({ workflow, ref, inputs, enable, event, payload }).filter((key) => key in found);
  const shown = keys.map((key) => JSON.stringify(key)).join(", ");
  addIssue(
    `expected either "workflow" (with "ref", "inputs" and "enable") or "event" (with "payload"), found ${shown || "neither"}`,
  );
  return null;
}

function readCredentials({ secret, app }: Document, addIssue: AddIssue): GithubCredentials | null {
  if (secret !== undefined && app === undefined) return { secret };
  if (app !== undefined && secret === undefined) return { app };
  addIssue(`expected either "secret" or "app", found ${app === undefined ? "neither" : "both"}`);
  return null;
}
