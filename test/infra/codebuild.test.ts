// What the stack sets up for triggers of kind codebuild, read from its synthesized template.
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { TagrelayStack } from "../../infra/stack.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { makeFolder } from "../stand-ins/program.ts";

test("the ends of builds of the named projects invoke the schedule function, and the functions may do what they need to", () => {
  const folder = makeFolder();
  const steps = {
    base: { image: "ghcr.io/acme/base:1" },
    api: {
      image: "ghcr.io/acme/api:1",
      after: "base",
      trigger: { codebuild: { project: "far", region: "us-east-1" } },
    },
  };
  const config = compileConfig({
    pipelines: { p: { trigger: { codebuild: { project: "images" } }, steps } },
  });
  const stack = new TagrelayStack(new App({ outdir: folder.data }), "Tagrelay", { config });
  const template = Template.fromStack(stack);
  folder.remove();
  const rules = Object.values(template.findResources("AWS::Events::Rule"));
  const pattern = (project: string, region: object) => ({
    source: ["aws.codebuild"],
    "detail-type": ["CodeBuild Build State Change"],
    ...region,
    detail: {
      "build-status": ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"],
      "project-name": [project],
    },
  });
  expect(rules.map(({ Properties }) => Properties.EventPattern)).toEqual([
    pattern("images", {}),
    pattern("far", { region: ["us-east-1"] }),
  ]);
  for (const { Properties } of rules) {
    expect(Properties.Targets[0].Arn["Fn::GetAtt"][0]).toMatch(/^TagrelayScheduleFunction/);
  }
  const policies = Object.entries(template.findResources("AWS::IAM::Policy"));
  const rightsOf = (name: string): { Action: string[]; Resource: unknown }[] => {
    const [, policy] = policies.find(([id]) => id.startsWith(`Tagrelay${name}Role`)) ?? [];
    return policy?.Properties.PolicyDocument.Statement.filter(({ Action }: { Action: string | string[] }) =>
      [Action].flat().some((action) => action.startsWith("codebuild:")),
    );
  };
  const builds = ["codebuild:StartBuild", "codebuild:StopBuild"];
  expect(rightsOf("Webhook")).toMatchObject([{ Action: builds }]);
  // Only the sweep looks builds up.
  expect(rightsOf("Schedule").map(({ Action }) => Action)).toEqual([[...builds, "codebuild:BatchGetBuilds"]]);
  for (const [{ Resource } = { Resource: null }] of [rightsOf("Webhook"), rightsOf("Schedule")]) {
    expect(Resource).toHaveLength(2);
    const text = JSON.stringify(Resource);
    expect(text).toContain(":project/images");
    expect(text).toContain(":codebuild:us-east-1:");
  }
});
