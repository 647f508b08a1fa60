// Tagrelay on AWS as a construct, for TagrelayStack and for other CDK apps.
import { Duration, RemovalPolicy, Stack, Tags, Validations } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Alarm, Dashboard, MathExpression, Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { compileBuilds } from "../shared/config/compile-builds.ts";
import { listRoutes } from "../shared/http/routes.ts";
import { parameterPrefixOf, settingNames } from "../shared/settings.ts";
import { TagrelayBuilds } from "./builds.ts";
import { checkConfig, refuseSameName } from "./check-props.ts";
import { codebuildProjects, grantCodebuild } from "./codebuild-projects.ts";
import { letServicesUse } from "./encryption.ts";
import { endpointVariables } from "./endpoint-variables.ts";
import { TagrelayEvents } from "./events.ts";
import { TagrelayFunction } from "./function.ts";
import { grantEcr } from "./grant-ecr.ts";
import { TagrelayHttp } from "./http.ts";
import { TagrelayMonitoring } from "./monitoring.ts";
import { nameOf, parameterPrefixFrom, rootStackOf } from "./name-of.ts";
import { refuseCommands } from "./refuse-commands.ts";
import { refuseSmtp } from "./refuse-smtp.ts";
import { TagrelaySchedules } from "./schedules.ts";
import { createTable } from "./table.ts";
import type { TagrelayProps } from "./tagrelay-props.ts";

export class Tagrelay extends Construct {
  /** The name of this installation: that of its schedule group, and the `--stack` of `tagrelay secret` and `tagrelay doctor`. */
  readonly name: string;
  /** The prefix of the secrets' names in SSM, with a slash at both ends. */
  readonly parameterPrefix: string;
  /** The state and history of all runs. */
  readonly table: TableV2;
  /** The function behind the HTTP API. */
  readonly webhook: TagrelayFunction;
  /** The function that schedules invoke: it starts runs, checks upstreams and sweeps. */
  readonly schedule: TagrelayFunction;
  readonly http: TagrelayHttp;
  /** The projects of CodeBuild that `builds` asks for. */
  readonly builds: TagrelayBuilds;
  /** Schedule events that the schedule function did not receive or could not handle. */
  readonly deadLetters: Queue;
  /** What alarms are sent to. */
  readonly alarmTopic: ITopic;
  readonly monitoring: TagrelayMonitoring;
  private readonly encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, props: TagrelayProps) {
    super(scope, id);
    checkConfig(this, props);
    const { config, tags = {}, removalPolicy = RemovalPolicy.RETAIN, logRetention, encryptionKey } = props;
    this.encryptionKey = encryptionKey;
    refuseCommands(config.pipelines, config.builds);
    refuseSmtp(config.channels);
    this.name = nameOf(this, props.name);
    this.parameterPrefix = parameterPrefixFrom(this, props.parameterPrefix ?? parameterPrefixOf(this.name));
    refuseSameName(this, this.others());
    this.table = createTable(this, removalPolicy, encryptionKey);
    if (encryptionKey !== undefined) letServicesUse(encryptionKey, this);
    this.deadLetters = this.createDeadLetters(encryptionKey);
    const endpoints = endpointVariables(props);
    const common = {
      config,
      table: this.table,
      parameterPrefix: this.parameterPrefix,
      logRetention,
      encryptionKey,
    };

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
      domain: props.domain,
      logRetention,
      encryptionKey,
    });

    this.schedule = new TagrelayFunction(this, "Schedule", {
      ...common,
      name: "schedule",
      description: "Tagrelay: starts scheduled runs, checks upstreams and sweeps the pipelines",
      timeout: Duration.minutes(2),
      deadLetters: this.deadLetters,
    });
    this.schedule.grantItems(this.table, ["GetItem", "PutItem", "DeleteItem", "Query"]);
    this.schedule.grantIndexes(this.table);
    new TagrelaySchedules(this, "Schedules", {
      groupName: this.name,
      config,
      target: this.schedule.lambda,
      deadLetters: this.deadLetters,
      encryptionKey,
      logRetention,
      endpoints,
    });

    const promoting = config.pipelines.filter(({ promotesTogether }) => promotesTogether);
    grantEcr(this.schedule.lambda, config.pipelines, promoting);
    // `tagrelay rollback` may be used on any pipeline.
    grantEcr(this.webhook.lambda, config.pipelines, config.pipelines);
    const projects = codebuildProjects(config.pipelines);
    grantCodebuild(this.webhook.lambda, projects, ["StartBuild", "StopBuild"]);
    // The sweep looks up builds whose end was not reported.
    grantCodebuild(this.schedule.lambda, projects, ["StartBuild", "StopBuild", "BatchGetBuilds"]);
    this.builds = new TagrelayBuilds(this, "Builds", {
      encryptionKey,
      projects:
        props.builds === undefined ? config.buildProjects : compileBuilds(props.builds, config.logins),
      pipelines: config.pipelines,
      parameterPrefix: this.parameterPrefix,
      logRetention,
    });
    new TagrelayEvents(this, "Events", {
      config,
      target: this.schedule.lambda,
      deadLetters: this.deadLetters,
    });

    this.alarmTopic = this.createAlarmTopic(props);
    for (const sender of [this.webhook, this.schedule]) {
      sender.lambda.addEnvironment(settingNames.url, config.url ?? this.http.url);
      for (const [name, value] of Object.entries(endpoints)) sender.lambda.addEnvironment(name, value);
      sender.grantTopics(config.channels, this.alarmTopic);
      sender.grantBuses(config.channels);
    }
    this.monitoring = new TagrelayMonitoring(this, "Monitoring", {
      functions: { webhook: this.webhook, schedule: this.schedule },
      api: this.http.api,
      deadLetters: this.deadLetters,
      alarmTopic: this.alarmTopic,
    });
    for (const [key, value] of Object.entries(tags)) Tags.of(this).add(key, value);
  }

  get api(): HttpApi {
    return this.http.api;
  }

  /** The address of webhooks, pages and the API, without a slash at the end. */
  get url(): string {
    return this.http.url;
  }

  get alarms(): readonly Alarm[] {
    return this.monitoring.alarms;
  }

  get dashboard(): Dashboard {
    return this.monitoring.dashboard;
  }

  /**
   * Lets a job or function start runs: by invoking the function `schedule.lambda` with
   * `{"start": "<pipeline>", "scheduledFor": "<now, in ISO 8601>"}`.
   */
  grantStart(grantee: IGrantable): Grant {
    return this.schedule.lambda.grantInvoke(grantee);
  }

  /** Lets a person or job store the secrets, as `tagrelay secret set` does, but not read them. */
  grantWriteSecrets(grantee: IGrantable): Grant {
    const resource = `parameter${this.parameterPrefix}*`;
    const arn = Stack.of(this).formatArn({ service: "ssm", resource });
    return Grant.addToPrincipal({ grantee, actions: ["ssm:PutParameter"], resourceArns: [arn] });
  }

  /** Lets a program read the state and history of the runs, but no secrets: the table has none. */
  grantReadRuns(grantee: IGrantable): Grant {
    const grant = this.table.grantReadData(grantee);
    return this.encryptionKey === undefined ? grant : grant.combine(this.encryptionKey.grantDecrypt(grantee));
  }

  /** How many runs failed. */
  metricFailedRuns(options?: MetricOptions): MathExpression {
    return this.monitoring.metricFailedRuns(options);
  }

  /** How many sweeps ended: one a minute, if all is well. */
  metricSweeps(options: MetricOptions = {}): Metric {
    return this.monitoring.sweeps.with(options);
  }

  /** How many events of schedules wait in the dead-letter queue. */
  metricDeadLetters(options?: MetricOptions): Metric {
    return this.deadLetters.metricApproximateNumberOfMessagesVisible(options);
  }

  /** How many requests were answered with 5xx. */
  metricServerErrors(options?: MetricOptions): Metric {
    return this.api.metricServerError(options);
  }

  private others(): Tagrelay[] {
    const all = rootStackOf(Stack.of(this)).node.findAll();
    return all.flatMap((one) => (one instanceof Tagrelay && one !== this ? [one] : []));
  }

  private createAlarmTopic({ alarmTopic, alarmEmail, encryptionKey }: TagrelayProps): ITopic {
    const topic =
      alarmTopic ??
      new Topic(this, "Failures", {
        displayName: "Tagrelay",
        enforceSSL: true,
        ...(encryptionKey === undefined ? {} : { masterKey: encryptionKey }),
      });
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }

  private createDeadLetters(encryptionKey: IKey | undefined): Queue {
    const queue = new Queue(this, "DeadLetters", {
      retentionPeriod: Duration.days(14),
      ...(encryptionKey === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
      enforceSSL: true,
    });
    Validations.of(queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This is itself the dead-letter queue of the schedules and of the schedule function",
    });
    return queue;
  }
}
