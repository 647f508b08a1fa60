// Lets a function look up the images in ECR, and move their tags: no other repository, as long as the list fits.
import { Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IConstruct } from "constructs";
import type { Pipeline } from "../shared/pipeline/pipeline.ts";
import { type EcrRepositories, pushedEcrRepositories, readEcrRepositories } from "./ecr-repositories.ts";

/** The inline policies of a role have 10,240 characters. Above this, a registry's repositories become one wildcard. */
const mostListed = 30;

/** `moving` are the pipelines whose tags the function moves, for `promote: together` or `tagrelay rollback`. */
export function grantEcr(
  lambda: LambdaFunction,
  pipelines: readonly Pipeline[],
  moving: readonly Pipeline[],
): void {
  const read = readEcrRepositories(pipelines);
  if (read.length === 0) return;
  const allow = (actions: string[], resources: string[]) =>
    lambda.addToRolePolicy(new PolicyStatement({ actions, resources }));
  // Logging in cannot be limited to a registry.
  allow(["ecr:GetAuthorizationToken"], ["*"]);
  allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], ecrArnsOf(lambda.role ?? lambda, read));
  const moved = pushedEcrRepositories(moving);
  if (moved.length > 0) allow(["ecr:PutImage"], ecrArnsOf(lambda.role ?? lambda, moved));
}

/** Of the repositories, for a role. */
export function ecrArnsOf(role: IConstruct, registries: readonly EcrRepositories[]): string[] {
  const stack = Stack.of(role);
  const count = registries.reduce((sum, { names }) => sum + names.length, 0);
  return registries.flatMap(({ account, region, names }) => {
    const arnOf = (resourceName: string) =>
      stack.formatArn({ service: "ecr", account, region, resource: "repository", resourceName });
    if (count <= mostListed) return names.map(arnOf);
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecr:${region}:${account}:repository/*]`,
      reason: "A role's policy has no room for the names of so many repositories",
    });
    return [arnOf("*")];
  });
}
