// Asks CodeBuild how builds ended, for programs that get no events from EventBridge.
import * as z from "zod/mini";
import type { CallAws } from "../../aws/call-aws.ts";
import { parseJson } from "../../validation/parse-json.ts";
import { type EndedBuild, endOfBuild } from "./end-of-build.ts";

/** CodeBuild's limit for a request. */
const maxIds = 100;

const phase = z.object({ phaseType: z.string(), phaseStatus: z.optional(z.string()) });
const answerSchema = z.object({
  builds: z.array(
    z.object({
      id: z.string(),
      arn: z.string(),
      projectName: z.string(),
      buildStatus: z.string(),
      phases: z.optional(z.array(phase)),
    }),
  ),
});

/** Those of the builds that have ended. */
export async function lookUpBuilds(
  callAws: CallAws,
  region: string | null,
  ids: readonly string[],
): Promise<EndedBuild[]> {
  const ended: EndedBuild[] = [];
  for (let from = 0; from < ids.length; from += maxIds) {
    ended.push(...(await lookUpSome(callAws, region, ids.slice(from, from + maxIds))));
  }
  return ended;
}

async function lookUpSome(callAws: CallAws, region: string | null, ids: string[]): Promise<EndedBuild[]> {
  const answer = await callAws({
    service: "codebuild",
    ...(region === null ? {} : { region }),
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "CodeBuild_20161006.BatchGetBuilds",
    },
    body: JSON.stringify({ ids }),
    ...{ timeoutMs: 10_000, attempts: 2, maxTotalMs: 10_000 },
  });
  if (answer.kind === "failed") throw new Error(`CodeBuild: ${answer.reason}`);
  const builds = answerSchema.safeParse(parseJson(answer.text)).data?.builds ?? [];
  return builds.flatMap(({ id, arn, projectName: project, buildStatus, phases = [] }) => {
    const failed = phases.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== "SUCCEEDED");
    const end = endOfBuild(buildStatus, arn, failed?.phaseType);
    return end === null ? [] : [{ project, id, end }];
  });
}
