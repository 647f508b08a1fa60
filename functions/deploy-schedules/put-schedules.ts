// Makes the schedules of a group those of the manifest: creates, updates and deletes. What is done already does not matter,
// so an attempt that was cut off is simply repeated.
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  ListSchedulesCommand,
  ResourceNotFoundException,
  type SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { forEachInParallel } from "../../shared/relay/in-parallel.ts";
import type { DeployedSchedule } from "./manifest.ts";

/** What all schedules of a group have in common. */
export type Group = {
  name: string;
  /** The ARNs of the function that is invoked, of the role that may do so, and of the queue for what fails. */
  target: string;
  role: string;
  deadLetters: string;
};

export type Ports = {
  client: SchedulerClient;
  clock: () => number;
  /** True if the function has to answer now. */
  isTimeUp: () => boolean;
};

/** Few enough for the regions with the lowest limit, 250 requests per second; the client slows down if it is throttled. */
const maxParallel = 20;

export class OutOfTimeError extends Error {
  override readonly name = "OutOfTimeError";
}

export async function putSchedules(
  ports: Ports,
  group: Group,
  schedules: readonly DeployedSchedule[],
): Promise<{ put: number; deleted: number }> {
  const now = ports.clock();
  const existing = await listNames(ports, group);
  const wanted = new Set(schedules.map(({ name }) => name));
  const unwanted = [...existing].filter((name) => !wanted.has(name));
  // EventBridge accepts no instant in the past, not even unchanged.
  const current = schedules.filter(({ startAt }) => startAt === null || startAt > now);
  await forAll(ports, [
    ...current.map((one) => () => put(ports, inputOf(group, one), existing.has(one.name))),
    ...unwanted.map((name) => () => remove(ports, group, name)),
  ]);
  return { put: current.length, deleted: unwanted.length };
}

/** After a failure, begins nothing new and waits for the rest: CloudFormation goes back as soon as it has the answer. */
async function forAll({ isTimeUp }: Ports, all: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  let done = 0;
  await forEachInParallel(all, maxParallel, async (work) => {
    if (errors.length > 0) return;
    try {
      if (isTimeUp()) throw new OutOfTimeError(describeTime(all.length, done));
      await work();
      done += 1;
    } catch (error) {
      errors.push(error);
    }
  });
  if (errors.length > 0) throw errors[0];
}

function describeTime(total: number, done: number): string {
  return `expected to change ${total} schedules in time, found time for ${done}: EventBridge Scheduler was slow or throttled; deploy again`;
}

async function listNames({ client }: Ports, { name: GroupName }: Group): Promise<Set<string>> {
  const names = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListSchedulesCommand({ GroupName, MaxResults: 100, NextToken }));
    for (const { Name } of page.Schedules ?? []) if (Name !== undefined) names.add(Name);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return names;
}

/** The list may be a moment old, and a retried request may find its own work done. */
async function put({ client }: Ports, input: CreateScheduleCommandInput, exists: boolean): Promise<void> {
  try {
    await client.send(exists ? new UpdateScheduleCommand(input) : new CreateScheduleCommand(input));
  } catch (error) {
    if (error instanceof ConflictException && !exists) await client.send(new UpdateScheduleCommand(input));
    else if (error instanceof ResourceNotFoundException && exists)
      await client.send(new CreateScheduleCommand(input));
    else throw error;
  }
}

async function remove({ client }: Ports, { name: GroupName }: Group, Name: string): Promise<void> {
  try {
    await client.send(new DeleteScheduleCommand({ GroupName, Name }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}

function inputOf(group: Group, schedule: DeployedSchedule): CreateScheduleCommandInput {
  return {
    GroupName: group.name,
    Name: schedule.name,
    Description: schedule.description,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timezone,
    FlexibleTimeWindow: { Mode: "OFF" },
    State: "ENABLED",
    Target: {
      Arn: group.target,
      RoleArn: group.role,
      Input: JSON.stringify(schedule.input),
      DeadLetterConfig: { Arn: group.deadLetters },
      RetryPolicy: {
        MaximumRetryAttempts: schedule.retryAttempts,
        MaximumEventAgeInSeconds: schedule.maxEventAgeSeconds,
      },
    },
  };
}
