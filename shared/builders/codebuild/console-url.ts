// Finds the page of a build, which has its log, in the console of AWS.

const consoles = new Map([
  ["aws", "console.aws.amazon.com"],
  ["aws-cn", "console.amazonaws.cn"],
  ["aws-us-gov", "console.amazonaws-us-gov.com"],
]);

const arnPattern = /^arn:([\w-]+):codebuild:([a-z0-9-]+):(\d{12}):build\/([\w-]+):([\w-]+)$/;

/** Null if it is not the ARN of a build, or of a partition whose console is not known. */
export function consoleUrl(arn: string): string | null {
  const [, partition = "", region, account, project, build] = arnPattern.exec(arn) ?? [];
  const host = consoles.get(partition);
  if (host === undefined) return null;
  return `https://${region}.${host}/codesuite/codebuild/${account}/projects/${project}/build/${project}%3A${build}/log?region=${region}`;
}
