import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDeployHandler } from "../../../functions/deploy-schedules/handle-request.ts";
import { manifestOf } from "../../../infra/manifest-of.ts";
import { compileConfig } from "../../../shared/config/compile.ts";
import { createLog } from "../../../shared/log.ts";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { type Scheduler, startScheduler } from "../../stand-ins/scheduler.ts";

let scheduler: Scheduler;
let cloudformation: AnyServer;
let client: SchedulerClient;
let logLines: string[];
beforeEach(async () => {
  scheduler = await startScheduler();
  cloudformation = await startAnyServer();
  logLines = [];
  client = new SchedulerClient({
    endpoint: scheduler.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    retryMode: "adaptive",
    maxAttempts: 20,
  });
});
afterEach(async () => {
  client.destroy();
  await scheduler.close();
  await cloudformation.close();
});

const now = Date.UTC(2026, 10, 20, 3);

function manifest(count: number, schedule: Record<string, unknown> = { cron: "0 3 * * *" }) {
  const pipeline = (index: number) => [`p${index}`, { schedule, sequence: [`acme/p:${index}`] }];
  const pipelines = Object.fromEntries(Array.from({ length: count }, (_, index) => pipeline(index)));
  return manifestOf(compileConfig({ pipelines }));
}

/** What CloudFormation is told in the end. */
async function deploy(
  of: ReturnType<typeof manifest>,
  { type = "Create", digest = of.digest, remaining = (): number => 900_000 } = {},
) {
  const log = createLog((line) => void logLines.push(line), Date.now);
  const handle = createDeployHandler({ client, clock: () => now, log }, of);
  const arns = { target: "arn:function", role: "arn:role", deadLetters: "arn:queue" };
  const request = {
    RequestType: type,
    ResponseURL: `${cloudformation.origin}/answer?X-Amz-Signature=secret`,
    StackId: "stack",
    RequestId: "request",
    LogicalResourceId: "Deployed",
    ResourceProperties: { ServiceToken: "arn:deploy", digest, group: "Tagrelay-pipelines", ...arns },
  };
  await handle(request, { getRemainingTimeInMillis: remaining });
  const answer = cloudformation.asked.at(-1);
  expect(answer?.method).toBe("PUT");
  return JSON.parse(answer?.body ?? "");
}

const start = (pipeline: string) => {
  return { start: pipeline, scheduledFor: "<aws.scheduler.scheduled-time>" };
};
const names = () => [...scheduler.schedules.keys()].sort();

test("the first deployment creates the schedules, with their target, retries and dead letters", async () => {
  expect(await deploy(manifest(250))).toEqual({
    Status: "SUCCESS",
    PhysicalResourceId: "Tagrelay-pipelines",
    StackId: "stack",
    RequestId: "request",
    LogicalResourceId: "Deployed",
  });
  expect(scheduler.counts).toMatchObject({ create: 250, update: 0, delete: 0 });
  expect(scheduler.schedules.get("start-p7")).toMatchObject({
    GroupName: "Tagrelay-pipelines",
    Description: "Starts a run of p7",
    ScheduleExpression: "cron(0 3 * * ? *)",
    ScheduleExpressionTimezone: "UTC",
    FlexibleTimeWindow: { Mode: "OFF" },
    State: "ENABLED",
    Target: {
      Arn: "arn:function",
      RoleArn: "arn:role",
      Input: JSON.stringify(start("p7")),
      DeadLetterConfig: { Arn: "arn:queue" },
      RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3_600 },
    },
  });
});

test("the next one changes what is there, creates what is new and deletes what is gone", async () => {
  await deploy(manifest(250));
  expect((await deploy(manifest(120, { every: "7h" }), { type: "Update" })).Status).toBe("SUCCESS");
  expect(scheduler.counts).toMatchObject({ create: 250, update: 120, delete: 130 });
  expect(scheduler.schedules.get("start-p7")).toMatchObject({
    ScheduleExpression: "cron(0 * * * ? *)",
    Target: { Input: JSON.stringify({ ...start("p7"), everyMs: 25_200_000, phaseMs: 0 }) },
  });
});

test("throttling slows a deployment down, and does not end it", async () => {
  scheduler.limit = 60;
  expect((await deploy(manifest(200))).Status).toBe("SUCCESS");
  expect(scheduler.counts.throttled).toBeGreaterThan(0);
  expect(names()).toHaveLength(200);
}, 60_000);

test("a rollback brings the earlier schedules back, however far the update came", async () => {
  const before = manifest(40);
  await deploy(before);
  const original = new Map(scheduler.schedules);
  scheduler.before = (kind, name) =>
    name === "start-p45" && kind === "create" ? { status: 400, type: "ValidationException" } : null;
  const failed = await deploy(manifest(60, { cron: "0 4 * * *" }), { type: "Update" });
  expect(failed).toMatchObject({ Status: "FAILED", Reason: expect.stringContaining("ValidationException") });
  expect(names().length).toBeGreaterThan(40);
  // CloudFormation puts the function's earlier code back, and sends it the earlier properties.
  expect((await deploy(before, { type: "Update" })).Status).toBe("SUCCESS");
  expect(new Map([...scheduler.schedules].sort())).toEqual(new Map([...original].sort()));
});

test("a deployment that has no time left says so before its function is killed, and the next one completes it", async () => {
  let remaining = 900_000;
  scheduler.before = () => {
    if (scheduler.counts.create >= 50) remaining = 29_000;
    return null;
  };
  expect(await deploy(manifest(100), { remaining: () => remaining })).toMatchObject({
    Status: "FAILED",
    Reason: expect.stringMatching(
      /^expected to change 100 schedules in time, found time for \d+: .*deploy again$/,
    ),
  });
  scheduler.before = () => null;
  expect((await deploy(manifest(100))).Status).toBe("SUCCESS");
  expect(names()).toHaveLength(100);
});

test("a request that is delivered twice at once does no harm", async () => {
  const both = await Promise.all([deploy(manifest(60)), deploy(manifest(60))]);
  expect(both.map(({ Status }) => Status)).toEqual(["SUCCESS", "SUCCESS"]);
  expect(names()).toHaveLength(60);
});

test("an instant that has passed is left as it is, because EventBridge would refuse it", async () => {
  const once = manifest(3, { at: "2026-12-24T03:00:00" });
  await deploy(once);
  expect(scheduler.counts).toMatchObject({ create: 3 });
  scheduler.before = () => ({ status: 400, type: "ValidationException" });
  const passed = { ...once, schedules: once.schedules.map((one) => ({ ...one, startAt: now - 1 })) };
  expect((await deploy(passed, { type: "Update" })).Status).toBe("SUCCESS");
  expect(names()).toHaveLength(3);
});

test("the schedules of another version are not deployed", async () => {
  const answer = await deploy(manifest(3), { digest: "another" });
  expect(answer).toMatchObject({
    Status: "FAILED",
    Reason: expect.stringContaining("found one for another"),
  });
  expect(names()).toEqual([]);
});

test("a removed stack is answered at once: its schedules are deleted with their group", async () => {
  await deploy(manifest(3));
  expect((await deploy(manifest(3), { type: "Delete", digest: "another" })).Status).toBe("SUCCESS");
  expect(scheduler.counts.delete).toBe(0);
});

test("an answer that does not arrive is sent again, and no log has its URL", async () => {
  cloudformation.answer = (response) => {
    answering(cloudformation.asked.length === 1 ? 503 : 200)(response);
  };
  await deploy(manifest(1));
  expect(cloudformation.asked).toHaveLength(2);
  expect(logLines.join("")).toContain("answer.failed");
  expect(logLines.join("")).not.toContain("secret");
});
