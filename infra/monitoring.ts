// An alarm for each kind of failure that a person must look at, and a dashboard.
import { Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  type AlarmProps,
  AlarmStatusWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
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
  deadLetters: IQueue;
  failures: ITopic;
};

const period = Duration.minutes(5);

export class TagrelayMonitoring extends Construct {
  private readonly alarms: Alarm[] = [];
  private readonly failures: ITopic;

  constructor(scope: Construct, id: string, { functions, deadLetters, failures }: TagrelayMonitoringProps) {
    super(scope, id);
    this.failures = failures;
    this.letAlarmsPublish();

    const failedRuns = Object.entries(functions).map(([name, of]) =>
      this.countLogged(`FailedRuns-${name}`, of, FilterPattern.stringValue("$.subject", "=", "runFailed")),
    );
    const swept = this.countLogged(
      "Sweeps",
      functions.schedule,
      FilterPattern.stringValue("$.event", "=", "sweep.done"),
    );

    for (const [index, metric] of failedRuns.entries()) {
      this.alarm(
        `RunFailed-${Object.keys(functions)[index]}`,
        metric,
        "A run failed. The function's log names the step and the reason (event step.failed).",
      );
    }
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
      swept,
      'No sweep for 15 minutes: delayed steps do not start, and overdue ones are not noticed. Check the schedule function\'s log and the schedule "sweep".',
      {
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 3,
        treatMissingData: TreatMissingData.BREACHING,
      },
    );
    this.dashboard(functions, [...failedRuns, swept]);
  }

  /** A topic with its own policy loses the default policy, which lets the account's alarms publish. */
  private letAlarmsPublish(): void {
    const { account, partition, region } = Stack.of(this);
    this.failures.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.failures.topicArn],
        conditions: {
          StringEquals: { "aws:SourceAccount": account },
          ArnLike: { "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
        },
      }),
    );
  }

  private countLogged(name: string, { logGroup }: TagrelayFunction, filterPattern: IFilterPattern): IMetric {
    const filter = new MetricFilter(this, name, {
      logGroup,
      filterPattern,
      metricNamespace: "Tagrelay",
      metricName: `${this.node.addr.slice(-8)}-${name}`,
      metricValue: "1",
    });
    return filter.metric({ statistic: "Sum", period });
  }

  /** Goes off if the metric is 1 or more; `rule` overrides that. */
  private alarm(
    name: string,
    metric: IMetric,
    alarmDescription: string,
    rule: Partial<AlarmProps> = {},
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
    alarm.addAlarmAction(new SnsAction(this.failures));
    alarm.addOkAction(new SnsAction(this.failures));
    this.alarms.push(alarm);
  }

  private dashboard(functions: TagrelayMonitoringProps["functions"], counts: IMetric[]): void {
    const each = Object.values(functions).map(({ lambda }) => lambda);
    new Dashboard(this, "Dashboard", {
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
