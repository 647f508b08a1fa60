// Says so when something is wrong: an alarm for each thing that a person must look at, and a dashboard of it all.
import { Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
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
        "A run has failed: see which step, and why, in the function's log.",
      );
    }
    for (const [name, { lambda }] of Object.entries(functions)) {
      this.alarm(
        `Errors-${name}`,
        lambda.metricErrors({ period }),
        `The ${name} function has failed: its log says why.`,
      );
      this.alarm(
        `Throttles-${name}`,
        lambda.metricThrottles({ period }),
        `The ${name} function was throttled: raise the account's concurrency.`,
      );
    }
    this.alarm(
      "DeadLetters",
      deadLetters.metricApproximateNumberOfMessagesVisible({ period }),
      "Something could not be delivered to the schedule function: look at the queue.",
    );
    this.alarms.push(
      this.tell(
        new Alarm(this, "NotSwept", {
          metric: swept,
          alarmDescription:
            "No sweep for a quarter of an hour: nothing that is delayed or overdue is looked after.",
          threshold: 1,
          comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
          evaluationPeriods: 3,
          treatMissingData: TreatMissingData.BREACHING,
        }),
      ),
    );
    this.dashboard(functions, [...failedRuns, swept]);
  }

  /** Who publishes by right of the account may no more, once a topic has a policy of its own: CloudWatch, too. */
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

  private alarm(name: string, metric: IMetric, alarmDescription: string): void {
    this.alarms.push(
      this.tell(
        new Alarm(this, name, {
          metric,
          alarmDescription,
          threshold: 1,
          comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          evaluationPeriods: 1,
          treatMissingData: TreatMissingData.NOT_BREACHING,
        }),
      ),
    );
  }

  private tell(alarm: Alarm): Alarm {
    alarm.addAlarmAction(new SnsAction(this.failures));
    alarm.addOkAction(new SnsAction(this.failures));
    return alarm;
  }

  private dashboard(functions: TagrelayMonitoringProps["functions"], counts: IMetric[]): void {
    const each = Object.values(functions).map(({ lambda }) => lambda);
    new Dashboard(this, "Dashboard", {
      widgets: [
        [new AlarmStatusWidget({ title: "What is wrong", alarms: this.alarms, width: 24 })],
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
