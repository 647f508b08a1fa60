// An alarm for each kind of failure that a person must look at, and a dashboard.
import { Duration, Stack } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import {
  Alarm,
  type AlarmProps,
  AlarmStatusWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  type Metric,
  type MetricOptions,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { FilterPattern, type IFilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { TagrelayFunction } from "./function.ts";

export type TagrelayMonitoringProps = {
  functions: { webhook: TagrelayFunction; schedule: TagrelayFunction };
  api: HttpApi;
  deadLetters: IQueue;
  alarmTopic: ITopic;
};

const period = Duration.minutes(5);

/** `reports` are the changes of the alarm's state that are sent to the topic. */
type AlarmRule = Partial<AlarmProps> & { reports?: readonly ("alarm" | "ok" | "insufficientData")[] };

/** For what happened once: "OK" five minutes later would only say that it did not happen again. */
const onlyItsStart: AlarmRule = { reports: ["alarm"] };

export class TagrelayMonitoring extends Construct {
  readonly alarms: Alarm[] = [];
  readonly dashboard: Dashboard;
  /** Sums of five minutes. */
  readonly failedRuns: Record<"webhook" | "schedule", Metric>;
  readonly sweeps: Metric;
  private readonly alarmTopic: ITopic;

  constructor(scope: Construct, id: string, props: TagrelayMonitoringProps) {
    super(scope, id);
    const { functions, api, deadLetters, alarmTopic } = props;
    this.alarmTopic = alarmTopic;
    this.letAlarmsPublish();

    const countFailedRuns = (name: "webhook" | "schedule") =>
      this.countLogged(
        `FailedRuns-${name}`,
        functions[name],
        FilterPattern.stringValue("$.subject", "=", "runFailed"),
      );
    this.failedRuns = { webhook: countFailedRuns("webhook"), schedule: countFailedRuns("schedule") };
    this.sweeps = this.countLogged(
      "Sweeps",
      functions.schedule,
      FilterPattern.stringValue("$.event", "=", "sweep.done"),
    );

    for (const [name, metric] of Object.entries(this.failedRuns)) {
      this.alarm(
        `RunFailed-${name}`,
        metric,
        "A run failed. The function's log names the step and the reason (event step.failed).",
        onlyItsStart,
      );
    }
    this.alarm(
      "LoggedErrors",
      this.countErrors(functions),
      'Something failed that a person must look at, such as a missing secret, a sweep or a notice. Search the functions\' logs for { $.level = "error" }.',
      onlyItsStart,
    );
    this.alarm(
      "ServerErrors",
      api.metricServerError({ period, statistic: "Sum" }),
      "The HTTP API answered with 5xx, so webhooks may be lost. The webhook function's log has the reason; it names missing secrets.",
    );
    for (const [name, { lambda }] of Object.entries(functions)) {
      this.alarm(
        `Errors-${name}`,
        lambda.metricErrors({ period }),
        `The ${name} function failed. Its log has the error.`,
      );
      this.alarm(
        `Throttles-${name}`,
        lambda.metricThrottles({ period }),
        `The ${name} function was throttled. Raise the account's concurrency limit.`,
      );
    }
    this.alarm(
      "DeadLetters",
      deadLetters.metricApproximateNumberOfMessagesVisible({ period }),
      "The schedule function did not receive or could not handle an event. The messages in the dead-letter queue have the errors.",
    );
    this.alarm(
      "NotSwept",
      this.sweeps,
      'No sweep for 15 minutes: delayed steps do not start, and overdue ones are not noticed. Check the schedule function\'s log and the schedule "sweep".',
      {
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 3,
        // The state in which an alarm is created, so the first deployment sends no mail. Later, it means that nothing ran.
        treatMissingData: TreatMissingData.MISSING,
        reports: ["alarm", "insufficientData"],
      },
    );
    this.dashboard = this.createDashboard(functions, [...Object.values(this.failedRuns), this.sweeps]);
  }

  /** Both functions report failed runs: which of them depends on what ended the run. */
  metricFailedRuns(options: MetricOptions = {}): MathExpression {
    const { label = "Failed runs", ...others } = options;
    return new MathExpression({
      label,
      period: options.period ?? period,
      // A metric without a value in some period would make the sum have none.
      expression: "FILL(webhook, 0) + FILL(schedule, 0)",
      usingMetrics: {
        webhook: this.failedRuns.webhook.with(others),
        schedule: this.failedRuns.schedule.with(others),
      },
    });
  }

  /** A topic with its own policy loses the default policy, which lets the account's alarms publish. */
  private letAlarmsPublish(): void {
    const { account, partition, region } = Stack.of(this);
    this.alarmTopic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.alarmTopic.topicArn],
        conditions: {
          StringEquals: { "aws:SourceAccount": account },
          ArnLike: { "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
        },
      }),
    );
  }

  private countLogged(name: string, { logGroup }: TagrelayFunction, filterPattern: IFilterPattern): Metric {
    const filter = new MetricFilter(this, name, {
      logGroup,
      filterPattern,
      metricNamespace: "Tagrelay",
      metricName: `${this.node.addr.slice(-8)}-${name}`,
      metricValue: "1",
    });
    return filter.metric({ statistic: "Sum", period });
  }

  /** Errors in either log, as one metric. A failed run has its own alarm. */
  private countErrors(functions: TagrelayMonitoringProps["functions"]): IMetric {
    const pattern = FilterPattern.all(
      FilterPattern.stringValue("$.level", "=", "error"),
      FilterPattern.stringValue("$.event", "!=", "notice"),
    );
    const metricName = `${this.node.addr.slice(-8)}-LoggedErrors`;
    const [webhook] = Object.entries(functions).map(([name, { logGroup }]) =>
      new MetricFilter(this, `LoggedErrors-${name}`, {
        logGroup,
        filterPattern: pattern,
        metricNamespace: "Tagrelay",
        metricName,
        metricValue: "1",
      }).metric({ statistic: "Sum", period }),
    );
    if (webhook === undefined) throw new Error("expected functions");
    return webhook;
  }

  /** Goes off if the metric is 1 or more; `rule` overrides that. */
  private alarm(
    name: string,
    metric: IMetric,
    alarmDescription: string,
    { reports = ["alarm", "ok"], ...rule }: AlarmRule = {},
  ): void {
    const alarm = new Alarm(this, name, {
      metric,
      alarmDescription,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...rule,
    });
    const action = new SnsAction(this.alarmTopic);
    if (reports.includes("alarm")) alarm.addAlarmAction(action);
    if (reports.includes("ok")) alarm.addOkAction(action);
    if (reports.includes("insufficientData")) alarm.addInsufficientDataAction(action);
    this.alarms.push(alarm);
  }

  private createDashboard(functions: TagrelayMonitoringProps["functions"], counts: IMetric[]): Dashboard {
    const each = Object.values(functions).map(({ lambda }) => lambda);
    return new Dashboard(this, "Dashboard", {
      widgets: [
        [new AlarmStatusWidget({ title: "Alarms", alarms: this.alarms, width: 24 })],
        [
          new GraphWidget({ title: "Failed runs and sweeps", left: counts, width: 8 }),
          new GraphWidget({
            title: "Invocations",
            left: each.map((lambda) => lambda.metricInvocations()),
            width: 8,
          }),
          new GraphWidget({
            title: "Duration",
            left: each.map((lambda) => lambda.metricDuration()),
            width: 8,
          }),
        ],
      ],
    });
  }
}
