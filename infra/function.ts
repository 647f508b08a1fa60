// One of the two Lambda functions, with a role that has no rights but those granted here.
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Duration, RemovalPolicy, Stack, Stage, Validations } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Channel, Config } from "../shared/pipeline/pipeline.ts";
import { settingNames } from "../shared/settings.ts";
import { indexes } from "../shared/store/dynamodb/table.ts";
import { bundleFunction } from "./bundle/bundle-function.ts";
import { encryptedBy, grantUse } from "./encryption.ts";

export type TagrelayFunctionProps = {
  name: "webhook" | "schedule";
  description: string;
  config: Config;
  table: TableV2;
  /** Ends with a slash. */
  parameterPrefix: string;
  timeout: Duration;
  logRetention?: RetentionDays | undefined;
  encryptionKey?: IKey | undefined;
  /** Receives the events that the function failed to handle, if it is invoked asynchronously. */
  deadLetters?: IQueue;
};

export class TagrelayFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: TagrelayFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, "Log", {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      ...encryptedBy(props.encryptionKey),
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
      ...(props.encryptionKey === undefined ? {} : { environmentEncryption: props.encryptionKey }),
      ...(props.deadLetters === undefined
        ? {}
        : { onFailure: new SqsDestination(props.deadLetters), retryAttempts: 2 }),
    });
    Validations.of(role).acknowledge(
      {
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "The actions of X-Ray, and logging in to ECR, cannot be limited to resources",
      },
      {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter${props.parameterPrefix}*]`,
        reason: "The prefix belongs to this stack, and the pipelines decide which secrets are under it",
      },
    );
    this.grantParameters(props.parameterPrefix);
    if (props.encryptionKey !== undefined) grantUse(props.encryptionKey, role);
  }

  /** Rights to items only: none that could delete or change the table. */
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

  grantIndexes(table: TableV2): void {
    this.lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ["dynamodb:Query"],
        resources: indexes.map(({ name }) => `${table.tableArn}/index/${name}`),
      }),
    );
  }

  /** The right to publish to the topics of `sns` channels. A channel that names no topic uses the stack's own. */
  grantTopics(channels: readonly Channel[], own: ITopic): void {
    const topics = channels.flatMap(({ to }) => (to.kind === "sns" ? [to.topic ?? own.topicArn] : []));
    if (topics.length === 0) return;
    if (topics.includes(own.topicArn)) this.lambda.addEnvironment(settingNames.topic, own.topicArn);
    this.lambda.addToRolePolicy(
      new PolicyStatement({ actions: ["sns:Publish"], resources: [...new Set(topics)] }),
    );
  }

  /** The right to put events on the buses of `eventbridge` channels, and on no other. */
  grantBuses(channels: readonly Channel[]): void {
    const buses = channels.flatMap(({ to }) => (to.kind === "eventbridge" ? [to.bus ?? "default"] : []));
    if (buses.length === 0) return;
    const arnOf = (bus: string) =>
      bus.startsWith("arn:")
        ? bus
        : Stack.of(this).formatArn({ service: "events", resource: "event-bus", resourceName: bus });
    this.lambda.addToRolePolicy(
      new PolicyStatement({ actions: ["events:PutEvents"], resources: [...new Set(buses.map(arnOf))] }),
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

  /** The source map is kept in the assembly, but is not uploaded. */
  private bundledCode({ name, config }: TagrelayFunctionProps): Code {
    const bundle = bundleFunction(name, config);
    const map = join(Stage.of(this)?.outdir ?? "cdk.out", "source-maps", `${name}.mjs.map`);
    mkdirSync(dirname(map), { recursive: true });
    cpSync(bundle.sourceMap, map);
    return Code.fromAsset(bundle.directory);
  }
}
