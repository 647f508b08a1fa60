// The schedules that invoke the schedule function: starts of runs, checks of upstreams, and the sweep.
import { Duration, TimeZone } from "aws-cdk-lib";
import { type IRole, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
} from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { ConfigError } from "../shared/config/config-error.ts";
import type { Pipeline, Schedule as When } from "../shared/pipeline/pipeline.ts";
import { upstreamsOf } from "../shared/pipeline/upstreams-of.ts";
import { scheduleNames } from "../shared/settings.ts";
import type { Problem } from "../shared/validation/expectation.ts";
import { toEventbridge } from "./eventbridge-schedule.ts";

export type TagrelaySchedulesProps = {
  /** The group that the schedules are listed under in EventBridge Scheduler. */
  groupName: string;
  pipelines: readonly Pipeline[];
  target: IFunction;
  deadLetters: IQueue;
};

export class TagrelaySchedules extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { groupName, pipelines, target, deadLetters }: TagrelaySchedulesProps,
  ) {
    super(scope, id);
    const schedules = pipelines.flatMap(schedulesOf);
    refuseTooMany(schedules.length);
    const scheduleGroup = new ScheduleGroup(this, "Group", { scheduleGroupName: groupName });
    const role = createRole(this, target, deadLetters);
    const add = ({ id, scheduleName, description, schedule, input, ...limits }: Entry) =>
      new Schedule(this, id, {
        scheduleGroup,
        scheduleName,
        description,
        schedule,
        target: new LambdaInvoke(target, {
          role,
          input: ScheduleTargetInput.fromObject(input),
          deadLetterQueue: deadLetters,
          ...limits,
        }),
      });

    const problems: Problem[] = [];
    for (const { path, when, ...entry } of schedules) {
      const translated = toEventbridge(when);
      if (translated.kind === "problem") {
        problems.push({ path, message: translated.problem });
        continue;
      }
      const { expression, timezone } = translated;
      const schedule = ScheduleExpression.expression(expression, TimeZone.of(timezone));
      add({ ...entry, schedule, maxEventAge: Duration.hours(1) });
    }
    if (problems.length > 0) throw new ConfigError(problems);

    add({
      id: "Sweep",
      scheduleName: scheduleNames.sweep,
      description: "Sweeps active runs: whatever is due, overdue or unfinished",
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      input: { sweep: true },
      // The next sweep is a minute away.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
    });
  }
}

/** CloudFormation allows 500 resources in a stack, and each schedule is one. */
const maxSchedules = 430;

function refuseTooMany(count: number): void {
  if (count <= maxSchedules) return;
  const message = `expected at most ${maxSchedules} schedules in a stack (one for each pipeline with a schedule, one for each with an upstream), found ${count}; deploy some of the pipelines as a stack of their own: --context config=FILE --context stack=NAME`;
  throw new ConfigError([{ path: ["pipelines"], message }]);
}

type Entry = {
  /** The id of the construct. */
  id: string;
  scheduleName: string;
  description: string;
  schedule: ScheduleExpression;
  /** The event that the schedule function receives. */
  input: Record<string, unknown>;
  retryAttempts: number;
  maxEventAge: Duration;
};

type PipelineSchedule = Omit<Entry, "schedule" | "maxEventAge"> & {
  /** The place in tagrelay.yaml that errors point to. */
  path: string[];
  when: When;
};

function schedulesOf(pipeline: Pipeline): PipelineSchedule[] {
  const { name, schedule, upstreamEveryMs } = pipeline;
  const schedules: PipelineSchedule[] = [];
  if (schedule !== null) {
    schedules.push({
      id: `Start-${name}`,
      scheduleName: scheduleNames.start(name),
      path: ["pipelines", name, "schedule"],
      description: `Starts a run of ${name}`,
      when: schedule,
      // The instant distinguishes a repeated delivery from the next start.
      input: { start: name, scheduledFor: ContextAttribute.scheduledTime },
      retryAttempts: 10,
    });
  }
  if (upstreamsOf(pipeline).length > 0) {
    schedules.push({
      id: `Look-${name}`,
      scheduleName: scheduleNames.look(name),
      path: ["pipelines", name, "upstreamEvery"],
      description: `Checks whether an upstream of ${name} has changed`,
      when: { kind: "every", everyMs: upstreamEveryMs },
      input: { lookAtUpstreams: name },
      // The next check comes anyway.
      retryAttempts: 2,
    });
  }
  return schedules;
}

/** Without its own role, each target would add a right to invoke every version of the function. */
function createRole(scope: Construct, target: IFunction, deadLetters: IQueue): IRole {
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal("scheduler.amazonaws.com") });
  role.addToPolicy(
    new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [target.functionArn] }),
  );
  role.addToPolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetters.queueArn] }));
  return role.withoutPolicyUpdates();
}
