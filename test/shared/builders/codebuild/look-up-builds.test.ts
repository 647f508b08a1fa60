// BatchGetBuilds takes a hundred ids; the real answers are tested with moto in test/aws.
import { expect, test } from "vitest";
import type { CallAws } from "../../../../shared/aws/call-aws.ts";
import { lookUpBuilds } from "../../../../shared/builders/codebuild/look-up-builds.ts";

test("more builds than a request may name are looked up by several requests", async () => {
  const asked: number[] = [];
  const callAws: CallAws = async ({ body }) => {
    const { ids } = JSON.parse(body) as { ids: string[] };
    asked.push(ids.length);
    const builds = ids.map((id) => ({
      ...{ id, arn: `arn:aws:codebuild:eu-west-1:123456789012:build/${id}`, projectName: "images" },
      ...{ buildStatus: "SUCCEEDED", phases: [] },
    }));
    return { kind: "answered", text: JSON.stringify({ builds }) };
  };
  const ids = Array.from({ length: 250 }, (_, index) => `images:${index}`);
  const ended = await lookUpBuilds(callAws, null, ids);
  expect(asked).toEqual([100, 100, 50]);
  expect(ended.map(({ id }) => id)).toEqual(ids);
});
