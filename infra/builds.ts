// The projects of AWS CodeBuild that build the images, each with a role that has no rights but those listed here.
import { RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { CfnProject, LinuxArmBuildImage, LinuxBuildImage } from "aws-cdk-lib/aws-codebuild";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import {
  type BuildLogin,
  type BuildPlatform,
  type BuildProject,
  type BuildSource,
  helperOf,
} from "../shared/builders/codebuild/build-project.ts";
import { buildspec } from "../shared/builders/codebuild/buildspec.ts";
import type { Pipeline } from "../shared/pipeline/pipeline.ts";
import { ecrRegistryOf } from "../shared/registries/ecr/ecr-registry.ts";
import { pushedEcrRepositories, readEcrRepositories } from "./ecr-repositories.ts";
import { encryptedBy } from "./encryption.ts";
import { ecrArnsOf } from "./grant-ecr.ts";
import { hostsOf, stepsBuiltBy } from "./steps-built-by.ts";

export type TagrelayBuildsProps = {
  projects: readonly BuildProject[];
  pipelines: readonly Pipeline[];
  /** Ends with a slash. */
  parameterPrefix: string;
  logRetention?: RetentionDays | undefined;
  encryptionKey?: IKey | undefined;
};

/** One machine: a project of CodeBuild has one kind of machine only. */
type Machine = {
  name: string;
  platform: BuildPlatform;
  /** The other project of the same images: this one starts it, or is started by it. */
  other: { kind: "helper" | "starter"; name: string; platform: BuildPlatform } | null;
};

const machines = {
  "linux/amd64": { type: "LINUX_CONTAINER", image: LinuxBuildImage.AMAZON_LINUX_2023_5.imageId },
  "linux/arm64": {
    type: "ARM_CONTAINER",
    image: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0.imageId,
  },
} as const;

export class TagrelayBuilds extends Construct {
  /** By name, those of second platforms included. */
  readonly projects: ReadonlyMap<string, CfnProject>;

  constructor(scope: Construct, id: string, props: TagrelayBuildsProps) {
    super(scope, id);
    const all = props.projects.flatMap((project) =>
      machinesOf(project).map((machine) => [machine.name, this.addProject(project, machine, props)] as const),
    );
    this.projects = new Map(all);
  }

  private addProject(project: BuildProject, machine: Machine, props: TagrelayBuildsProps): CfnProject {
    const scope = new Construct(this, machine.name);
    const pipelines = stepsBuiltBy(project.name, props.pipelines);
    const hosts = hostsOf(pipelines);
    const logins = project.logins.filter(
      // Docker Hub limits how many images are pulled without a login.
      ({ registry }) => hosts.includes(registry) || registry === "docker.io",
    );
    const logGroup = new LogGroup(scope, "Log", {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
      ...encryptedBy(props.encryptionKey),
    });
    const role = new Role(scope, "Role", {
      assumedBy: new ServicePrincipal("codebuild.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], [logGroup.logGroupArn]);
    this.allowSource(project.source, allow);
    this.allowPasswords(logins, props.parameterPrefix, allow);
    allowEcr(role, pipelines, allow);
    this.allowOther(machine, allow);

    const created = new CfnProject(scope, "Project", {
      name: machine.name,
      description: `Tagrelay: builds images for ${machine.platform}`,
      serviceRole: role.roleArn,
      source: { ...sourceOf(project.source), buildSpec: project.buildspec ?? buildspec() },
      ...(project.source.kind === "github" && project.source.branch !== null
        ? { sourceVersion: project.source.branch }
        : {}),
      artifacts: { type: "NO_ARTIFACTS" },
      environment: {
        ...machines[machine.platform],
        computeType: project.computeType,
        // Docker needs it.
        privilegedMode: true,
        environmentVariables: variablesOf(machine, project, logins, hosts, props.parameterPrefix),
      },
      logsConfig: { cloudWatchLogs: { status: "ENABLED", groupName: logGroup.logGroupName } },
      timeoutInMinutes: timeoutOf(pipelines),
    });
    created.node.addDependency(role);
    acknowledge(created, role);
    return created;
  }

  private allowSource(source: BuildSource, allow: Allow): void {
    if (source.kind === "s3") {
      const bucket = Stack.of(this).formatArn({
        service: "s3",
        region: "",
        account: "",
        resource: source.bucket,
      });
      allow(["s3:GetObject", "s3:GetObjectVersion"], [`${bucket}/${source.key}`]);
      allow(["s3:GetBucketAcl", "s3:GetBucketLocation"], [bucket]);
    } else if (source.connection !== null) {
      // The action is named as the ARN.
      const service = source.connection.includes(":codestar-connections:")
        ? "codestar-connections"
        : "codeconnections";
      const actions = ["GetConnection", "GetConnectionToken", "UseConnection"];
      allow(
        actions.map((action) => `${service}:${action}`),
        [source.connection],
      );
    }
  }

  private allowPasswords(logins: readonly BuildLogin[], prefix: string, allow: Allow): void {
    const stack = Stack.of(this);
    for (const { password } of logins) {
      if (password.kind === "secret") {
        const resource = `parameter${prefix}${password.name}`;
        allow(["ssm:GetParameters"], [stack.formatArn({ service: "ssm", resource })]);
      } else {
        allow(["secretsmanager:GetSecretValue"], [password.arn]);
      }
    }
  }

  /** The one starts the other and stops it; the other sees whether the one still waits. */
  private allowOther({ other }: Machine, allow: Allow): void {
    if (other === null) return;
    const arn = Stack.of(this).formatArn({
      service: "codebuild",
      resource: "project",
      resourceName: other.name,
    });
    const starts = other.kind === "helper" ? ["codebuild:StartBuild", "codebuild:StopBuild"] : [];
    allow(["codebuild:BatchGetBuilds", ...starts], [arn]);
  }
}

type Allow = (actions: string[], resources: string[]) => void;

function machinesOf({ name, platforms }: BuildProject): Machine[] {
  const [own = "linux/amd64", second] = platforms;
  if (second === undefined) return [{ name, platform: own, other: null }];
  const helper = helperOf(name, second);
  return [
    { name, platform: own, other: { kind: "helper", name: helper, platform: second } },
    { name: helper, platform: second, other: { kind: "starter", name, platform: own } },
  ];
}

function sourceOf(source: BuildSource) {
  if (source.kind === "s3") return { type: "S3", location: `${source.bucket}/${source.key}` };
  const { repository, connection } = source;
  return {
    type: "GITHUB",
    location: `https://github.com/${repository}.git`,
    ...(connection === null ? {} : { auth: { type: "CODECONNECTIONS", resource: connection } }),
  };
}

function allowEcr(role: Role, pipelines: readonly Pipeline[], allow: Allow): void {
  const read = readEcrRepositories(pipelines);
  if (read.length === 0) return;
  // Logging in cannot be limited to a registry.
  allow(["ecr:GetAuthorizationToken"], ["*"]);
  const actions = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"];
  allow(
    actions.map((action) => `ecr:${action}`),
    ecrArnsOf(role, read),
  );
  const pushes = ["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"];
  const pushed = pushedEcrRepositories(pipelines);
  if (pushed.length === 0) return;
  allow(
    pushes.map((action) => `ecr:${action}`),
    ecrArnsOf(role, pushed),
  );
}

function variablesOf(
  { other }: Machine,
  { platforms }: BuildProject,
  logins: readonly BuildLogin[],
  hosts: readonly string[],
  prefix: string,
) {
  const passwordName = (index: number) => `TAGRELAY_PASSWORD_${index + 1}`;
  const lines = [
    ...hosts.filter((host) => ecrRegistryOf(host) !== null),
    ...logins.map(({ registry, username }, index) => `${registry} ${username} ${passwordName(index)}`),
  ];
  const plain = {
    ...(lines.length === 0 ? {} : { TAGRELAY_LOGINS: lines.join("\n") }),
    PLATFORMS: platforms.join(","),
    ...(other?.kind === "helper"
      ? { TAGRELAY_HELPER: other.name, TAGRELAY_HELPER_PLATFORM: other.platform }
      : {}),
  };
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value, type: "PLAINTEXT" })),
    ...logins.map(({ password }, index) => ({ name: passwordName(index), ...placeOf(password, prefix) })),
  ];
}

function placeOf(password: BuildLogin["password"], prefix: string) {
  if (password.kind === "secret") return { value: `${prefix}${password.name}`, type: "PARAMETER_STORE" };
  const { arn, key } = password;
  return { value: key === null ? arn : `${arn}:${key}`, type: "SECRETS_MANAGER" };
}

/** No shorter than Tagrelay waits, within CodeBuild's limits. */
function timeoutOf(pipelines: readonly Pipeline[]): number {
  const longestMs = Math.max(0, ...pipelines.flatMap(({ steps }) => steps.map(({ timeoutMs }) => timeoutMs)));
  return Math.min(Math.max(Math.ceil(longestMs / 60_000), 5), 2_160);
}

function acknowledge(project: CfnProject, role: Role): void {
  Validations.of(project).acknowledge(
    { id: "AwsSolutions-CB3", reason: "Docker builds need the privileged mode" },
    { id: "AwsSolutions-CB4", reason: "There are no artifacts to encrypt" },
  );
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason: "Logging in to ECR cannot be limited to resources",
  });
}
