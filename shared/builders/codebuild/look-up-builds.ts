// Asks CodeBuild how builds ended: EventBridge delivers no events to one machine, and may lose one on AWS.
import * as z from "zod/mini";
import type { CallAws } from "../../aws/call-aws.ts";
import { noCredentials } from "../../aws/has-credentials.ts";
import type { BuildAnswer } from "../../kinds/builder.ts";
import { parseJson } from "../../validation/parse-json.ts";
import { endOfBuild } from "./end-of-build.ts";

/** CodeBuild's limit for a request. */
const maxIds = 100;

const phase = z.object({ phaseType: z.string(), phaseStatus: z.optional(z.string()) });
const answerSchema = z.object({
  builds: z.array(
    z.object({
      id: z.string(),
      arn: z.string(),
      buildStatus: z.string(),
      phases: z.optional(z.array(phase)),
    }),
  ),
});

/** One answer for each build, in their order. */
export async function lookUpBuilds(
  callAws: CallAws | null,
  region: string | undefined,
  ids: readonly string[],
): Promise<BuildAnswer[]> {
  const answers = new Map<string, BuildAnswer>();
  for (let from = 0; from < ids.length; from += maxIds) {
    for (const [id, answer] of await lookUpSome(callAws, region, ids.slice(from, from + maxIds))) {
      answers.set(id, answer);
    }
  }
  return ids.map((id) => answers.get(id) ?? { kind: "unknown", reason: "CodeBuild does not know the build" });
}

async function lookUpSome(
  callAws: CallAws | null,
  region: string | undefined,
  ids: readonly string[],
): Promise<[string, BuildAnswer][]> {
  const allUnknown = (reason: string) =>
    ids.map((id): [string, BuildAnswer] => [id, { kind: "unknown", reason }]);
  if (callAws === null) return allUnknown(noCredentials);
  const answer = await callAws({
    service: "codebuild",
    ...(region === undefined ? {} : { region }),
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "CodeBuild_20161006.BatchGetBuilds",
    },
    body: JSON.stringify({ ids }),
    timeoutMs: 10_000,
    attempts: 2,
    maxTotalMs: 10_000,
  });
  if (answer.kind === "failed") return allUnknown(`CodeBuild: ${answer.reason}`);
  const builds = answerSchema.safeParse(parseJson(answer.text)).data?.builds;
  if (builds === undefined) return allUnknown("CodeBuild: the answer could not be read");
  return builds.map(({ id, arn, buildStatus, phases = [] }) => {
    const failed = phases.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== "SUCCEEDED");
    const end = endOfBuild(buildStatus, arn, failed?.phaseType);
    return [id, end === null ? { kind: "running" } : { kind: "ended", end }];
  });
}
