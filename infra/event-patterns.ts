// The patterns of EventBridge for pushes to ECR and for the ends of CodeBuild's builds: as many as it takes, because the length
// of each is limited.
import type { EventPattern } from "aws-cdk-lib/aws-events";
import type { CodebuildProjects } from "./codebuild-projects.ts";
import type { EcrRepositories } from "./ecr-repositories.ts";

/** EventBridge accepts 2048 characters. The rest of the pattern has some 300. */
const maxNamesLength = 1_700;
/** Each rule is a resource, and needs a permission in the policy of the function, which has room for some 50. */
const mostRules = 20;

/** Above the limit, a registry has one rule for all of its repositories. The function ignores those that it does not know. */
export function ecrPatterns(registries: readonly EcrRepositories[]): EventPattern[] {
  return listed(registries).map(({ account, region, names }) => ({
    source: ["aws.ecr"],
    detailType: ["ECR Image Action"],
    // A push to another account or region comes here if a rule there passes it on.
    account: [account],
    region: [region],
    detail: {
      "action-type": ["PUSH"],
      result: ["SUCCESS"],
      ...(names === null ? {} : { "repository-name": names }),
    },
  }));
}

export function codebuildPatterns(projects: readonly CodebuildProjects[]): EventPattern[] {
  return listed(projects).map(({ region, names }) => ({
    source: ["aws.codebuild"],
    detailType: ["CodeBuild Build State Change"],
    ...(region === null ? {} : { region: [region] }),
    detail: {
      "build-status": ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"],
      ...(names === null ? {} : { "project-name": names }),
    },
  }));
}

type Named = { names: string[] };

/** Null stands for all names. */
function listed<Group extends Named>(
  groups: readonly Group[],
): (Omit<Group, "names"> & { names: string[] | null })[] {
  const all = groups.flatMap((group) => inParts(group.names).map((names) => ({ ...group, names })));
  return all.length <= mostRules ? all : groups.map((group) => ({ ...group, names: null }));
}

function inParts(names: readonly string[]): string[][] {
  const parts: string[][] = [];
  let length = maxNamesLength;
  for (const name of names) {
    length += JSON.stringify(name).length + 1;
    if (length > maxNamesLength) {
      parts.push([]);
      length = JSON.stringify(name).length + 1;
    }
    parts.at(-1)?.push(name);
  }
  return parts;
}
