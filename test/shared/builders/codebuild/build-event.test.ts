import fc from "fast-check";
import { expect, test } from "vitest";
import { readCodebuildEvent } from "../../../../shared/builders/codebuild/build-event.ts";

const id = "my-sample-project:8745a7a9-c340-456a-9166-edf953571bEX";
const phase = (type: string, status?: string) => ({
  "phase-context": [": "],
  "phase-type": type,
  ...(status === undefined ? {} : { "phase-status": status }),
});

/** As in AWS's documentation, shortened. */
const buildFailed = {
  version: "0",
  id: "c030038d-8c4d-6141-9545-00ff7b7153EX",
  "detail-type": "CodeBuild Build State Change",
  source: "aws.codebuild",
  account: "123456789012",
  time: "2017-09-01T16:14:28Z",
  region: "us-west-2",
  resources: [`arn:aws:codebuild:us-west-2:123456789012:build/${id}`],
  detail: {
    "build-status": "FAILED",
    "project-name": "my-sample-project",
    "build-id": `arn:aws:codebuild:us-west-2:123456789012:build/${id}`,
    "additional-information": {
      environment: {
        image: "aws/codebuild/standard:5.0",
        "environment-variables": [
          { name: "TAGRELAY_RUN", type: "PLAINTEXT", value: "family.1" },
          { name: "PASSWORD", type: "PARAMETER_STORE" },
          { name: "TAGRELAY_STEP", type: "PLAINTEXT", value: "api" },
        ],
      },
      "build-complete": true,
      phases: [phase("SUBMITTED", "SUCCEEDED"), phase("BUILD", "FAILED"), phase("COMPLETED")],
    },
    "current-phase": "COMPLETED",
  },
};
const withDetail = (changed: object) => ({ ...buildFailed, detail: { ...buildFailed.detail, ...changed } });

test("the documented event tells which build ended, its run and step, the phase that failed, and where its log is", () => {
  expect(readCodebuildEvent(buildFailed)).toEqual({
    kind: "ended",
    project: "my-sample-project",
    id,
    title: "family.1 api",
    end: {
      kind: "failed",
      reason:
        "CodeBuild: FAILED in BUILD (https://us-west-2.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/my-sample-project/build/my-sample-project%3A8745a7a9-c340-456a-9166-edf953571bEX/log?region=us-west-2)",
    },
  });
});

test("a success ends the step, also without the rest of the event", () => {
  const event = withDetail({ "build-status": "SUCCEEDED", "additional-information": undefined });
  expect(readCodebuildEvent(event)).toMatchObject({ id, end: { kind: "succeeded" } });
});

test.each(["STOPPED", "TIMED_OUT", "FAULT"])("%s is a failure", (status) => {
  expect(readCodebuildEvent(withDetail({ "build-status": status }))).toMatchObject({
    end: { kind: "failed", reason: expect.stringContaining(`CodeBuild: ${status}`) },
  });
});

test("a build that goes on is ignored, and an event of another form is invalid", () => {
  expect(readCodebuildEvent(withDetail({ "build-status": "IN_PROGRESS" }))).toEqual({
    kind: "ignored",
    reason: "the build has not ended",
  });
  expect(readCodebuildEvent(withDetail({ "build-id": "x" }))).toMatchObject({ kind: "invalid" });
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      readCodebuildEvent(json);
      readCodebuildEvent(withDetail({ "additional-information": json }));
    }),
  );
});
