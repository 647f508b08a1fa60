// Tagrelay on AWS as a construct, for TagrelayStack and for other CDK apps.
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { listRoutes } from "../shared/http/routes.ts";
import type { Config } from "../shared/pipeline/pipeline.ts";
import { parameterPrefixOf, settingNames } from "../shared/settings.ts";
import { dueIndex, expiryAttribute } from "../shared/store/dynamodb/table.ts";
import { TagrelayFunction } from "./function.ts";
import { TagrelayHttp } from "./http.ts";
import { TagrelayMonitoring } from "./monitoring.ts";
import { refuseCommands } from "./refuse-commands.ts";
import { refuseNames } from "./refuse-names.ts";
import { TagrelaySchedules } from "./schedules.ts";

export type TagrelayProps = {
  /** The pipelines and channels, as `readConfig("tagrelay.yaml")` returns them. */
  config: Config;
  /** The address that alarms are mailed to. Default: none. */
  alarmEmail?: string;
  /** The prefix of the secrets' names in SSM, with a slash at both ends. Default: `/<stack>/`. */
  parameterPrefix?: string;
};

export class Tagrelay extends Construct {
  readonly table: TableV2;
  readonly webhook: TagrelayFunction;
  readonly schedule: TagrelayFunction;
  readonly http: TagrelayHttp;
  /** Schedule events that the schedule function did not receive or could not handle. */
  readonly deadLetters: Queue;
  readonly failures: Topic;
  readonly parameterPrefix: string;

  constructor(scope: Construct, id: string, { config, alarmEmail, parameterPrefix }: TagrelayProps) {
    super(scope, id);
    refuseCommands(config.pipelines);
    this.parameterPrefix = parameterPrefix ?? parameterPrefixOf(Stack.of(this).stackName);
    refuseNames(this.parameterPrefix, Stack.of(this).stackName);
    this.table = this.createTable();
    this.deadLetters = this.createDeadLetters();
    const common = { config, table: this.table, parameterPrefix: this.parameterPrefix };

    this.webhook = new TagrelayFunction(this, "Webhook", {
      ...common,
      name: "webhook",
      description: "Tagrelay: receives webhooks and serves the API and the status pages",
      timeout: Duration.seconds(29),
    });
    this.webhook.grantItems(this.table, ["GetItem", "BatchGetItem", "PutItem", "DeleteItem", "Query"]);
    this.http = new TagrelayHttp(this, "Http", {
      handler: this.webhook.lambda,
      routes: listRoutes(config.pages ?? undefined),
    });

    this.schedule = new TagrelayFunction(this, "Schedule", {
      ...common,
      name: "schedule",
      description: "Tagrelay: starts scheduled runs, checks upstreams and sweeps active runs",
      timeout: Duration.minutes(2),
      failures: this.deadLetters,
    });
    this.schedule.grantItems(this.table, ["GetItem", "PutItem", "DeleteItem", "Query"]);
    this.schedule.grantDueIndex(this.table);
    new TagrelaySchedules(this, "Schedules", {
      groupName: Stack.of(this).stackName,
      config,
      target: this.schedule.lambda,
      deadLetters: this.deadLetters,
    });

    this.failures = new Topic(this, "Failures", { displayName: "Tagrelay", enforceSSL: true });
    for (const sender of [this.webhook, this.schedule]) {
      sender.lambda.addEnvironment(settingNames.url, config.url ?? this.http.url);
      sender.grantTopics(config.channels, this.failures);
    }
    if (alarmEmail !== undefined) this.failures.addSubscription(new EmailSubscription(alarmEmail));
    new TagrelayMonitoring(this, "Monitoring", {
      functions: { webhook: this.webhook, schedule: this.schedule },
      api: this.http.api,
      deadLetters: this.deadLetters,
      failures: this.failures,
    });
  }

  private createTable(): TableV2 {
    return new TableV2(this, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: expiryAttribute,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      globalSecondaryIndexes: [
        {
          indexName: dueIndex,
          partitionKey: { name: "dueShard", type: AttributeType.STRING },
          sortKey: { name: "wakeAt", type: AttributeType.NUMBER },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
  }

  private createDeadLetters(): Queue {
    const queue = new Queue(this, "DeadLetters", {
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    Validations.of(queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This is itself the dead-letter queue of the schedules and of the schedule function",
    });
    return queue;
  }
}
