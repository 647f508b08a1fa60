// The projects of AWS CodeBuild that a configuration names, by region, and the rights to their builds.
import { Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Pipeline } from "../shared/pipeline/pipeline.ts";

/** `region` is null for the stack's own. */
export type CodebuildProjects = { region: string | null; names: string[] };

/** More would not fit into the policy of a role. */
const mostListed = 30;

export function codebuildProjects(pipelines: readonly Pipeline[]): CodebuildProjects[] {
  const triggers = pipelines.flatMap(({ steps }) =>
    steps.flatMap(({ trigger }) => (trigger.kind === "codebuild" ? [trigger] : [])),
  );
  const byRegion = Map.groupBy(triggers, ({ region = null }) => region);
  return [...byRegion].map(([region, all]) => ({
    region,
    names: [...new Set(all.map(({ project }) => project))].sort(),
  }));
}

export type BuildAction = "StartBuild" | "StopBuild" | "BatchGetBuilds";

export function grantCodebuild(
  lambda: LambdaFunction,
  projects: readonly CodebuildProjects[],
  actions: readonly BuildAction[],
): void {
  if (projects.length === 0) return;
  const stack = Stack.of(lambda);
  const count = projects.reduce((sum, { names }) => sum + names.length, 0);
  const resources = projects.flatMap(({ region, names }) => {
    const arnOf = (resourceName: string) =>
      stack.formatArn({
        service: "codebuild",
        ...(region === null ? {} : { region }),
        resource: "project",
        resourceName,
      });
    if (count <= mostListed) return names.map(arnOf);
    Validations.of(lambda.role ?? lambda).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:codebuild:${region ?? "<AWS::Region>"}:<AWS::AccountId>:project/*]`,
      reason: "A role's policy has no room for the names of so many projects",
    });
    return [arnOf("*")];
  });
  lambda.addToRolePolicy(
    new PolicyStatement({ actions: actions.map((action) => `codebuild:${action}`), resources }),
  );
}
