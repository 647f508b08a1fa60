// Starts builds of AWS CodeBuild, and stops those that nobody waits for any more.
import * as z from "zod/mini";
import type { AwsAnswer, AwsCall } from "../../aws/call-aws.ts";
import { noCredentials } from "../../aws/has-credentials.ts";
import type { BuilderKind, BuildReference, BuildRequest, TriggerOutcome } from "../../kinds/builder.ts";
import { parseJson } from "../../validation/parse-json.ts";
import { fillIn, fillInAll, valuesOf } from "../placeholders.ts";
import { consoleUrl } from "./console-url.ts";
import { lookUpBuilds } from "./look-up-builds.ts";
import type { CodebuildSettings } from "./settings.ts";

/** What every build gets, so that a buildspec can build any step. The job of a gate has no image and no tags. */
const given = {
  TAGRELAY_IMAGE: "{image}",
  TAGRELAY_TAGS: "{tags}",
  TAGRELAY_PINS: "{pins}",
  TAGRELAY_BASE: "{base}",
  TAGRELAY_RUN: "{run}",
  TAGRELAY_STEP: "{step}",
  TAGRELAY_ATTEMPT: "{attempt}",
};

/** The path of CodeBuild at a stand-in. */
export const simulatedCodebuildPath = "/at/codebuild";

export const codebuild: BuilderKind<CodebuildSettings> = {
  start: async (settings, build, { callAws }) => {
    if (callAws === undefined || callAws === null) return { kind: "rejected", reason: noCredentials };
    // May be repeated at once: for five minutes, CodeBuild answers the same token with the build that it has started already.
    const answer = await callAws(callOf("StartBuild", settings, requestOf(settings, build)));
    return readOutcome(answer, settings);
  },
  isIdempotent: true,
  stop: async (settings, { id }, { callAws }) => {
    const answer = await callAws?.(callOf("StopBuild", settings, { id }));
    if (answer?.kind === "failed") throw new Error(`CodeBuild: ${answer.reason}`);
  },
  lookUp: {
    // AWS refuses a request for several builds if one of their projects is not allowed, so builds of a project that is not configured
    // any more are left out.
    placeOf: ({ project, region = "" }, id) =>
      id.toLowerCase().startsWith(`${project.toLowerCase()}:`) ? region : null,
    ask: ({ region }, ids, { callAws }) => lookUpBuilds(callAws ?? null, region, ids),
  },
  secretsOf: () => [],
  originsOf: () => [],
  projectOf: ({ project }) => project,
  identityOf: () => null,
  passes: ["image", "tags", "pins", "base"],
  simulate: (settings, build) => ({
    request: {
      method: "POST",
      path: simulatedCodebuildPath,
      body: JSON.stringify(requestOf(settings, build)),
    },
    status: 200,
    text: "{}",
  }),
  endedBy: "builder",
  localLimitOf: () => null,
};

function callOf(operation: "StartBuild" | "StopBuild", { region }: CodebuildSettings, body: object): AwsCall {
  return {
    service: "codebuild",
    ...(region === undefined ? {} : { region }),
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `CodeBuild_20161006.${operation}`,
    },
    body: JSON.stringify(body),
    timeoutMs: 4_000,
    attempts: 3,
    // Together, no longer than a trigger may take.
    maxTotalMs: 6_000,
  };
}

function requestOf({ project, ref, variables = {} }: CodebuildSettings, build: BuildRequest) {
  const values = valuesOf(build);
  const all = { ...fillInAll(variables, values), ...fillInAll(given, values) };
  if (build.image === null) {
    delete all.TAGRELAY_IMAGE;
    delete all.TAGRELAY_TAGS;
  }
  return {
    projectName: project,
    idempotencyToken: tokenOf(build),
    ...(ref === undefined ? {} : { sourceVersion: fillIn(ref, values) }),
    environmentVariablesOverride: Object.entries(all).map(([name, value]) => ({
      name,
      value,
      type: "PLAINTEXT",
    })),
  };
}

/** The names of steps may contain any characters. */
function tokenOf({ runId, step, attempt }: BuildRequest): string {
  return `${runId}.${attempt}.${Buffer.from(step).toString("base64url")}`;
}

function readOutcome(answer: AwsAnswer, { project, region }: CodebuildSettings): TriggerOutcome {
  if (answer.kind === "answered") return { kind: "accepted", build: readReference(answer.text) };
  const { code, isPermanent } = answer;
  const reason = `CodeBuild: ${answer.reason}`;
  // The request may have arrived.
  if (code === null && !isPermanent) return { kind: "unknown", reason };
  if (code === "AccountLimitExceededException") {
    return { kind: "refused", reason: `${reason}: too many builds are running`, retryAfterMs: 60_000 };
  }
  if (!isPermanent) return { kind: "refused", reason, retryAfterMs: null };
  const advice = adviceFor(code, region === undefined ? project : `${project} in ${region}`);
  return { kind: "rejected", reason: advice === null ? reason : `${reason}: ${advice}` };
}

function adviceFor(code: string | null, project: string): string | null {
  switch (code) {
    case "ResourceNotFoundException":
      return `there is no project ${project}`;
    case "AccessDeniedException":
      return `codebuild:StartBuild is not allowed on the project ${project}`;
    case "InvalidInputException":
      return `the project ${project} does not accept the ref or the variables`;
    default:
      return null;
  }
}

const answerSchema = z.object({ build: z.object({ id: z.string(), arn: z.string() }) });

function readReference(text: string): BuildReference | null {
  const { data } = answerSchema.safeParse(parseJson(text));
  if (data === undefined || !/^[\w-]{2,255}:[\w-]{1,100}$/.test(data.build.id)) return null;
  return { id: data.build.id, url: consoleUrl(data.build.arn) };
}
