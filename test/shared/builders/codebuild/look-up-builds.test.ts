// BatchGetBuilds takes a hundred ids; the real answers are tested with moto in test/aws.
import { expect, test } from "vitest";
import type { CallAws } from "../../../../shared/aws/call-aws.ts";
import { lookUpBuilds as lookUpAll } from "../../../../shared/builders/builders.ts";
import { lookUpBuilds } from "../../../../shared/builders/codebuild/look-up-builds.ts";
import { triggerContext } from "../../../stand-ins/trigger-context.ts";

/** Answers with the status for each id; ids without one are not known. */
function codebuildOf(statusOf: (id: string) => string | null) {
  const asked: { region: string | undefined; ids: string[] }[] = [];
  const callAws: CallAws = async ({ region, body }) => {
    const { ids } = JSON.parse(body) as { ids: string[] };
    asked.push({ region, ids });
    const builds = ids.flatMap((id) => {
      const buildStatus = statusOf(id);
      const phases = [{ phaseType: "BUILD", phaseStatus: buildStatus }];
      const arn = `arn:aws:codebuild:eu-west-1:123456789012:build/${id}`;
      return buildStatus === null ? [] : [{ id, arn, buildStatus, phases }];
    });
    return { kind: "answered", text: JSON.stringify({ builds }) };
  };
  return { asked, callAws };
}

test("more builds than a request may name are looked up by several requests", async () => {
  const { asked, callAws } = codebuildOf(() => "SUCCEEDED");
  const ids = Array.from({ length: 250 }, (_, index) => `images:${index}`);
  const answers = await lookUpBuilds(callAws, undefined, ids);
  expect(asked.map(({ ids }) => ids.length)).toEqual([100, 100, 50]);
  expect(answers).toEqual(ids.map(() => ({ kind: "ended", end: { kind: "succeeded" } })));
});

test("each build gets its own answer, whichever are missing", async () => {
  const statuses: Record<string, string> = { "images:1": "IN_PROGRESS", "images:3": "FAILED" };
  const { callAws } = codebuildOf((id) => statuses[id] ?? null);
  expect(await lookUpBuilds(callAws, undefined, ["images:1", "images:2", "images:3"])).toEqual([
    { kind: "running" },
    { kind: "unknown", reason: "CodeBuild does not know the build" },
    {
      kind: "ended",
      end: { kind: "failed", reason: expect.stringMatching(/^CodeBuild: FAILED in BUILD \(https:/) },
    },
  ]);
});

test("a request that fails says so of its builds", async () => {
  const reason = "AccessDeniedException";
  const callAws: CallAws = async () => ({ kind: "failed", code: reason, reason, isPermanent: true });
  expect(await lookUpBuilds(callAws, undefined, ["images:1"])).toEqual([
    { kind: "unknown", reason: "CodeBuild: AccessDeniedException" },
  ]);
});

test("builds of several projects share a request, those of other regions and projects do not", async () => {
  const { asked, callAws } = codebuildOf(() => "IN_PROGRESS");
  const of = (id: string, project: string, region?: string) => {
    const settings = { kind: "codebuild", project, ...(region === undefined ? {} : { region }) } as const;
    return { settings, id };
  };
  const answers = await lookUpAll(
    [
      of("images:1", "images"),
      of("far:1", "far", "us-east-1"),
      of("more:1", "more"),
      // The configuration has changed since.
      of("old:1", "images"),
      { settings: { kind: "dockerhub", secret: "S" }, id: "1" },
    ],
    { ...triggerContext({}, {}), callAws },
  );
  expect(asked).toEqual([
    { region: undefined, ids: ["images:1", "more:1"] },
    { region: "us-east-1", ids: ["far:1"] },
  ]);
  expect(answers.map(({ kind }) => kind)).toEqual(["running", "running", "running", "unknown", "unknown"]);
});
