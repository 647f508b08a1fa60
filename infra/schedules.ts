// The schedules that invoke the schedule function: starts of runs, checks of upstreams, and the sweep.
import { Duration, RemovalPolicy, Stack, TimeZone } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Schedule, ScheduleExpression, ScheduleGroup, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { scheduleNameIn } from "../shared/aws/schedule-name.ts";
import type { Config } from "../shared/pipeline/pipeline.ts";
import { mostPlainSchedules, scheduleNames } from "../shared/settings.ts";
import { grantUse } from "./encryption.ts";
import { listSchedules } from "./list-schedules.ts";
import { ManySchedules } from "./many-schedules.ts";

export type TagrelaySchedulesProps = {
  /** The group that the schedules are listed under in EventBridge Scheduler. */
  groupName: string;
  config: Config;
  target: IFunction;
  deadLetters: IQueue;
  encryptionKey?: IKey | undefined;
  logRetention?: RetentionDays | undefined;
  /** Variables that choose the endpoints of AWS. */
  endpoints: Readonly<Record<string, string>>;
};

type Entry = {
  /** The id of the construct. */
  id: string;
  name: string;
  description: string;
  schedule: ScheduleExpression;
  /** The event that the schedule function receives. */
  input: Record<string, unknown>;
  retryAttempts: number;
  maxEventAge: Duration;
};

export class TagrelaySchedules extends Construct {
  constructor(scope: Construct, id: string, props: TagrelaySchedulesProps) {
    super(scope, id);
    const { groupName, config, target, deadLetters, encryptionKey } = props;
    const schedules = listSchedules(config.pipelines);
    const scheduleGroup = new ScheduleGroup(this, "Group", {
      scheduleGroupName: groupName,
      // A group that stays would make the next deployment under the same name fail.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = createRole(this, target, deadLetters);
    if (encryptionKey !== undefined) grantUse(encryptionKey, role);
    const add = ({ id, name, description, schedule, input, ...limits }: Entry) =>
      new Schedule(this, id, {
        scheduleGroup,
        scheduleName: scheduleNameIn(groupName, name),
        description,
        schedule,
        target: new LambdaInvoke(target, {
          role: role.withoutPolicyUpdates(),
          input: ScheduleTargetInput.fromObject(input),
          deadLetterQueue: deadLetters,
          ...limits,
        }),
      });

    if (schedules.length > mostPlainSchedules) {
      new ManySchedules(this, "Many", { ...props, role });
    } else {
      for (const { expression, timezone, maxEventAgeSeconds, ...entry } of schedules) {
        const schedule = ScheduleExpression.expression(expression, TimeZone.of(timezone));
        add({ ...entry, schedule, maxEventAge: Duration.seconds(maxEventAgeSeconds) });
      }
    }
    add({
      id: "Sweep",
      name: scheduleNames.sweep,
      description:
        "Continues every pipeline that has something to do: triggers, retries, time-outs, look-ups, notices",
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      input: { sweep: true },
      // The next sweep is a minute away.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
    });
  }
}

/** Without its own role, each target would add a right to invoke every version of the function. */
function createRole(scope: Construct, target: IFunction, deadLetters: IQueue): Role {
  const role = new Role(scope, "Role", {
    // Not for schedules of other accounts that know the role's name.
    assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(scope).account } },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [target.functionArn] }),
  );
  role.addToPolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetters.queueArn] }));
  return role;
}
