// What EventBridge Scheduler asks of the schedule function: a run of each scheduled pipeline, looks at
// upstreams, and the sweep.
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
import { ConfigError } from "../shared/core/config-error.ts";
import type { Problem } from "../shared/core/expectation.ts";
import type { Pipeline, Schedule as When } from "../shared/core/pipeline.ts";
import { upstreamsOf } from "../shared/relay/upstreams-of.ts";
import { toEventbridge } from "./eventbridge-schedule.ts";

export type TagrelaySchedulesProps = {
  /** The schedules' group, by which a person finds them. */
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
    const scheduleGroup = new ScheduleGroup(this, "Group", { scheduleGroupName: groupName });
    const role = createRole(this, target, deadLetters);
    const problems: Problem[] = [];

    for (const { id, path, description, when, input, retryAttempts } of pipelines.flatMap(requestsOf)) {
      const said = toEventbridge(when);
      if (said.kind === "problem") {
        problems.push({ path, message: said.problem });
        continue;
      }
      new Schedule(this, id, {
        scheduleGroup,
        scheduleName: `${id.charAt(0).toLowerCase()}${id.slice(1)}`,
        description,
        schedule: ScheduleExpression.expression(said.expression, TimeZone.of(said.timezone)),
        target: new LambdaInvoke(target, {
          role,
          input: ScheduleTargetInput.fromObject(input),
          deadLetterQueue: deadLetters,
          retryAttempts,
          maxEventAge: Duration.hours(1),
        }),
      });
    }
    if (problems.length > 0) throw new ConfigError(problems);

    new Schedule(this, "Sweep", {
      scheduleGroup,
      scheduleName: "sweep",
      description: "Looks after runs that are under way",
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new LambdaInvoke(target, {
        role,
        input: ScheduleTargetInput.fromObject({ sweep: true }),
        deadLetterQueue: deadLetters,
        // The next sweep is a minute away.
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    });
  }
}

type TimedRequest = {
  id: string;
  /** Where it stands in tagrelay.yaml. */
  path: string[];
  description: string;
  when: When;
  input: Record<string, string>;
  retryAttempts: number;
};

function requestsOf(pipeline: Pipeline): TimedRequest[] {
  const { name, schedule, upstreamEveryMs } = pipeline;
  const requests: TimedRequest[] = [];
  if (schedule !== null) {
    requests.push({
      id: `Start-${name}`,
      path: ["pipelines", name, "schedule"],
      description: `Starts a run of ${name}`,
      when: schedule,
      // The instant tells a second delivery from a second start.
      input: { start: name, scheduledFor: ContextAttribute.scheduledTime },
      retryAttempts: 10,
    });
  }
  if (upstreamsOf(pipeline).length > 0) {
    requests.push({
      id: `Look-${name}`,
      path: ["pipelines", name, "upstreamEvery"],
      description: `Looks whether an upstream of ${name} has changed`,
      when: { kind: "every", everyMs: upstreamEveryMs },
      input: { lookAtUpstreams: name },
      // It is looked again all the same.
      retryAttempts: 2,
    });
  }
  return requests;
}

/** A role of its own, without the rights to every version of the function that a target would give itself. */
function createRole(scope: Construct, target: IFunction, deadLetters: IQueue): IRole {
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal("scheduler.amazonaws.com") });
  role.addToPolicy(
    new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [target.functionArn] }),
  );
  role.addToPolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetters.queueArn] }));
  return role.withoutPolicyUpdates();
}
