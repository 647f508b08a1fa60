// A project of CodeBuild that the stack creates, to build images with.

export type BuildPlatform = (typeof buildPlatforms)[number];
/** Those that CodeBuild has machines for. */
export const buildPlatforms = ["linux/amd64", "linux/arm64"] as const;

export type BuildProject = {
  name: string;
  source: BuildSource;
  /** The first one is that of the project's own machine. */
  platforms: readonly BuildPlatform[];
  logins: readonly BuildLogin[];
  /** The path of a buildspec in the source; null for Tagrelay's own. */
  buildspec: string | null;
  computeType: string;
};

export type BuildSource =
  /** `connection` is the ARN of a connection of AWS CodeConnections; a public repository needs none. */
  | { kind: "github"; repository: string; connection: string | null; branch: string | null }
  | { kind: "s3"; bucket: string; key: string };

export type BuildLogin = { registry: string; username: string; password: PasswordAt };

export type PasswordAt =
  /** The name of a secret of this Tagrelay. */
  { kind: "secret"; name: string } | { kind: "secretsManager"; arn: string; key: string | null };

/** The project for the second platform. */
export function helperOf(project: string, platform: BuildPlatform): string {
  return `${project}-${platform.replace("linux/", "")}`;
}

export const defaultComputeType = "BUILD_GENERAL1_MEDIUM";
