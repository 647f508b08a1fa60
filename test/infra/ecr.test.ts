// What the stack sets up for images in Amazon ECR, read from its synthesized template.
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import * as z from "zod";
import { ecrPatterns } from "../../infra/event-patterns.ts";
import { TagrelayStack } from "../../infra/stack.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { makeFolder } from "../stand-ins/program.ts";

const own = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const other = "444455556666.dkr.ecr.us-east-1.amazonaws.com";
const inputs = { image: "{image}", pins: "{pins}" };
const trigger = {
  github: { repository: "acme/images", workflow: "image.yml", inputs, secret: "GITHUB_TOKEN" },
};

function synthesize(pipelines: Record<string, object>): Template {
  const folder = makeFolder();
  const config = compileConfig({ pipelines });
  const stack = new TagrelayStack(new App({ outdir: folder.data }), "Tagrelay", { config });
  const template = Template.fromStack(stack);
  folder.remove();
  return template;
}

const statement = z.object({
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.unknown(),
});

/** The resources of each action on ECR, for the role of the function. */
function ecrRights(template: Template, name: string) {
  const policies = Object.entries(template.findResources("AWS::IAM::Policy"));
  const found = policies.filter(([id]) => id.includes(`Tagrelay${name}Role`));
  const statements = found.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  return statements.flatMap((one) => {
    const { Action, Resource } = statement.parse(one);
    const resources = JSON.stringify(Resource).match(/:ecr:[^"]+|"\*"/g);
    return [Action].flat().flatMap((action) => (action.startsWith("ecr:") ? [[action, resources]] : []));
  });
}

const family = {
  trigger,
  steps: {
    base: { image: `${own}/acme/base:1`, upstream: `${other}/mirror/debian:bookworm` },
    api: { image: `${other}/acme/api:1`, after: "base" },
    web: { image: "ghcr.io/acme/web:1", after: "base" },
  },
};

test("pushes to the repositories of the steps, and to no others, invoke the schedule function", () => {
  const template = synthesize({ family });
  const rules = Object.values(template.findResources("AWS::Events::Rule"));
  const patternOf = (account: string, region: string, name: string) => ({
    source: ["aws.ecr"],
    "detail-type": ["ECR Image Action"],
    account: [account],
    region: [region],
    detail: { "action-type": ["PUSH"], result: ["SUCCESS"], "repository-name": [name] },
  });
  expect(rules.map(({ Properties }) => Properties.EventPattern)).toEqual([
    patternOf("111122223333", "eu-west-1", "acme/base"),
    patternOf("444455556666", "us-east-1", "acme/api"),
  ]);
  for (const { Properties } of rules) {
    const [target] = Properties.Targets;
    expect(target.Arn["Fn::GetAtt"][0]).toMatch(/^TagrelayScheduleFunction/);
    expect(target.DeadLetterConfig.Arn["Fn::GetAtt"][0]).toMatch(/^TagrelayDeadLetters/);
  }
});

test("the functions may log in, read the images and their upstreams, and move tags where they have to", () => {
  const read = [":ecr:eu-west-1:111122223333:repository/acme/base"];
  const others = [
    ":ecr:us-east-1:444455556666:repository/acme/api",
    ":ecr:us-east-1:444455556666:repository/mirror/debian",
  ];
  const reading = [
    ["ecr:GetAuthorizationToken", ['"*"']],
    ["ecr:BatchGetImage", [...read, ...others]],
    ["ecr:GetDownloadUrlForLayer", [...read, ...others]],
  ];
  const moving = ["ecr:PutImage", [...read, others[0]]];
  const template = synthesize({ family });
  expect(ecrRights(template, "Schedule")).toEqual(reading);
  expect(ecrRights(template, "Webhook")).toEqual([...reading, moving]);
  const together = synthesize({ family: { ...family, promote: "together" } });
  expect(ecrRights(together, "Schedule")).toEqual([...reading, moving]);
});

test("without images in ECR, there are neither rules nor rights", () => {
  const template = synthesize({ family: { trigger, sequence: ["ghcr.io/acme/a:1"] } });
  template.resourceCountIs("AWS::Events::Rule", 0);
  expect(ecrRights(template, "Webhook")).toEqual([]);
});

test("many repositories are distributed over rules that EventBridge accepts, and too many become one rule", () => {
  const registry = (count: number) => ({
    account: "111122223333",
    region: "eu-west-1",
    names: Array.from({ length: count }, (_, index) => `team/image-${index}`),
  });
  const some = ecrPatterns([registry(500)]);
  expect(some.length).toBeGreaterThan(1);
  expect(some.flatMap(({ detail }) => detail?.["repository-name"])).toEqual(registry(500).names);
  for (const { detailType, ...rest } of some) {
    expect(JSON.stringify({ "detail-type": detailType, ...rest }).length).toBeLessThanOrEqual(2048);
  }
  const [whole, ...more] = ecrPatterns([registry(10_000)]);
  expect(more).toEqual([]);
  expect(whole?.detail).toEqual({ "action-type": ["PUSH"], result: ["SUCCESS"] });
});
