// The schedules of more pipelines than a stack has resources for: a function creates, updates and deletes them when the
// stack is deployed, in a group of their own. CloudFormation deletes the group with the stack, and so its schedules.
import { CustomResource, Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { type IRole, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Architecture,
  Code,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Config } from "../shared/pipeline/pipeline.ts";
import { pipelineGroupOf } from "../shared/settings.ts";
import { bundleFunction } from "./bundle/bundle-function.ts";
import { encryptedBy, grantUse } from "./encryption.ts";
import { manifestOf } from "./manifest-of.ts";

export type ManySchedulesProps = {
  /** The group of the stack's other schedules. */
  groupName: string;
  config: Config;
  target: IFunction;
  /** What EventBridge Scheduler invokes the target as. */
  role: IRole;
  deadLetters: IQueue;
  encryptionKey?: IKey | undefined;
  logRetention?: RetentionDays | undefined;
  /** Variables that choose the endpoints of AWS. */
  endpoints: Readonly<Record<string, string>>;
};

/** The longest that Lambda allows: 20,000 schedules take four minutes where EventBridge accepts 250 requests per second. */
const timeout = Duration.minutes(15);

export class ManySchedules extends Construct {
  constructor(scope: Construct, id: string, props: ManySchedulesProps) {
    super(scope, id);
    const { config, target, role, deadLetters } = props;
    const group = pipelineGroupOf(props.groupName);
    const scheduleGroup = new CfnScheduleGroup(this, "Group", { name: group });
    const lambda = this.createFunction(props);
    this.grant(lambda, group, role);
    const deployed = new CustomResource(this, "Deployed", {
      serviceToken: lambda.functionArn,
      serviceTimeout: Duration.minutes(20),
      properties: {
        digest: manifestOf(config).digest,
        group,
        target: target.functionArn,
        role: role.roleArn,
        deadLetters: deadLetters.queueArn,
      },
    });
    Validations.of(deployed).acknowledge({
      id: "CloudFormation-Validate::W9003",
      reason: "The CDK writes the time-out as text, which CloudFormation accepts",
    });
    // CloudFormation must not remove the rights or the group while the schedules need them.
    deployed.node.addDependency(scheduleGroup, role);
  }

  private createFunction({
    config,
    encryptionKey,
    logRetention = RetentionDays.THREE_MONTHS,
    endpoints,
  }: ManySchedulesProps): LambdaFunction {
    const logGroup = new LogGroup(this, "Log", {
      retention: logRetention,
      ...encryptedBy(encryptionKey),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "FunctionRole", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    );
    const bundle = bundleFunction("deploy-schedules", config);
    process.once("exit", bundle.remove);
    const environmentEncryption = Object.keys(endpoints).length === 0 ? undefined : encryptionKey;
    if (environmentEncryption !== undefined) grantUse(environmentEncryption, role);
    return new LambdaFunction(this, "Function", {
      description:
        "Tagrelay: creates, updates and deletes the schedules of the pipelines when the stack is deployed",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(bundle.directory),
      role,
      memorySize: 512,
      timeout,
      logGroup,
      environment: endpoints,
      ...(environmentEncryption === undefined ? {} : { environmentEncryption }),
    });
  }

  private grant(lambda: LambdaFunction, group: string, role: IRole): void {
    const scheduleArn = Stack.of(this).formatArn({
      service: "scheduler",
      resource: "schedule",
      resourceName: `${group}/*`,
    });
    lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"],
        resources: [scheduleArn],
      }),
    );
    lambda.addToRolePolicy(new PolicyStatement({ actions: ["scheduler:ListSchedules"], resources: ["*"] }));
    lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ["iam:PassRole"],
        resources: [role.roleArn],
        conditions: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
      }),
    );
    Validations.of(lambda.role ?? lambda).acknowledge(
      { id: "AwsSolutions-IAM5[Resource::*]", reason: "Listing schedules cannot be limited to a group" },
      {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/${group}/*]`,
        reason: "The group belongs to this stack, and the pipelines decide which schedules are in it",
      },
    );
  }
}
