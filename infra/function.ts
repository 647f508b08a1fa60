// One of the two functions, with a role that has what is granted to it and nothing else.
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Duration, RemovalPolicy, Stack, Stage, Validations } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Channel, Config } from "../shared/core/pipeline.ts";
import { dueIndex } from "../shared/store/table.ts";
import { bundleFunction } from "./bundle/bundle-function.ts";
import { settingNames } from "./settings.ts";

export type TagrelayFunctionProps = {
  name: "webhook" | "schedule";
  description: string;
  config: Config;
  table: TableV2;
  /** With a slash at its end. */
  parameterPrefix: string;
  timeout: Duration;
  /** Where events go that the function failed to handle, for one that is invoked asynchronously. */
  failures?: IQueue;
};

export class TagrelayFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: TagrelayFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, "Log", {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [this.logGroup.logGroupArn],
      }),
    );
    this.lambda = new LambdaFunction(this, "Function", {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: this.bundledCode(props),
      role,
      memorySize: 512,
      timeout: props.timeout,
      tracing: Tracing.ACTIVE,
      logGroup: this.logGroup,
      environment: {
        [settingNames.tableName]: props.table.tableName,
        [settingNames.parameterPrefix]: props.parameterPrefix,
      },
      ...(props.failures === undefined
        ? {}
        : { onFailure: new SqsDestination(props.failures), retryAttempts: 2 }),
    });
    Validations.of(role).acknowledge(
      { id: "AwsSolutions-IAM5[Resource::*]", reason: "X-Ray's actions know no resources" },
      {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter${props.parameterPrefix}*]`,
        reason: "The prefix is the stack's own, and which secrets stand under it is for the pipelines to say",
      },
    );
    this.grantParameters(props.parameterPrefix);
  }

  /** Reads and writes items, and nothing that could lose the table. */
  grantItems(
    table: TableV2,
    actions: readonly ("GetItem" | "BatchGetItem" | "PutItem" | "DeleteItem" | "Query")[],
  ): void {
    this.lambda.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [table.tableArn],
      }),
    );
  }

  grantDueIndex(table: TableV2): void {
    this.lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ["dynamodb:Query"],
        resources: [`${table.tableArn}/index/${dueIndex}`],
      }),
    );
  }

  /** Publishes to the topics of channels, if there are any: the stack's own unless a channel names another. */
  grantTopics(channels: readonly Channel[], own: ITopic): void {
    const topics = channels.flatMap(({ to }) => (to.sns === undefined ? [] : [to.sns.topic ?? own.topicArn]));
    if (topics.length === 0) return;
    if (topics.includes(own.topicArn)) this.lambda.addEnvironment(settingNames.topic, own.topicArn);
    this.lambda.addToRolePolicy(
      new PolicyStatement({ actions: ["sns:Publish"], resources: [...new Set(topics)] }),
    );
  }

  private grantParameters(prefix: string): void {
    const resource = `parameter${prefix}*`;
    this.lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ["ssm:GetParameters"],
        resources: [Stack.of(this).formatArn({ service: "ssm", resource })],
      }),
    );
  }

  /** The source map goes beside the assembly, not into what is uploaded. */
  private bundledCode({ name, config }: TagrelayFunctionProps): Code {
    const bundle = bundleFunction(name, config);
    const map = join(Stage.of(this)?.outdir ?? "cdk.out", "source-maps", `${name}.mjs.map`);
    mkdirSync(dirname(map), { recursive: true });
    cpSync(bundle.sourceMap, map);
    process.once("exit", bundle.remove);
    return Code.fromAsset(bundle.directory);
  }
}
