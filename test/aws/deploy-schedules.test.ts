// Deploys and updates the schedules of many pipelines: the bundle that would be uploaded, with the properties of the
// template, on AWS's own runtime client, against moto in place of EventBridge Scheduler.
import { join } from "node:path";
import {
  CreateScheduleGroupCommand,
  GetScheduleCommand,
  paginateListSchedules,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AnyServer, startAnyServer } from "../stand-ins/any-server.ts";
import { type Folder, makeFolder } from "../stand-ins/program.ts";
import { synthesize } from "../stand-ins/synth.ts";
import { startLambda } from "./lambda.ts";
import { startMoto } from "./moto.ts";
import { type Deployment, readDeployment } from "./template.ts";

const group = "Tagrelay-pipelines";
const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "eu-west-1" };

let folder: Folder;
let moto: Awaited<ReturnType<typeof startMoto>>;
let cloudformation: AnyServer;
let client: SchedulerClient;
beforeAll(async () => {
  folder = makeFolder();
  moto = await startMoto();
  cloudformation = await startAnyServer();
  client = new SchedulerClient({
    endpoint: moto.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await client.send(new CreateScheduleGroupCommand({ Name: group }));
}, 60_000);
afterAll(async () => {
  client.destroy();
  await moto.close();
  await cloudformation.close();
  folder.remove();
});

async function synth(name: string, count: number, cron: string): Promise<Deployment> {
  const pipeline = (index: number) => [`p${index}`, { schedule: { cron }, sequence: [`acme/p:${index}`] }];
  const pipelines = Object.fromEntries(Array.from({ length: count }, (_, index) => pipeline(index)));
  const output = join(folder.path, name);
  const config = folder.config(pipelines);
  await synthesize({ home: folder.path, args: ["--output", output, "--context", `config=${config}`] });
  return readDeployment(output, "Tagrelay");
}

/** Like CloudFormation: the code first, then a request with the properties of the template. */
async function deploy({ customResources: [resource] }: Deployment, RequestType: string) {
  if (resource === undefined) throw new Error("expected a custom resource");
  const { target, properties } = resource;
  const lambda = await startLambda(target, { ...credentials, AWS_ENDPOINT_URL: moto.endpoint });
  const invocation = await lambda.invoke({
    RequestType,
    ResponseURL: `${cloudformation.origin}/answer`,
    StackId: "stack",
    RequestId: "request",
    LogicalResourceId: "Deployed",
    ResourceProperties: { ServiceToken: "arn", ...properties },
  });
  await lambda.kill();
  expect(invocation, lambda.output()).toMatchObject({ kind: "answered" });
  return JSON.parse(cloudformation.asked.at(-1)?.body ?? "");
}

async function names(): Promise<string[]> {
  const found: string[] = [];
  for await (const { Schedules } of paginateListSchedules({ client }, { GroupName: group }))
    for (const { Name } of Schedules ?? []) found.push(Name ?? "");
  return found.sort();
}

test("schedules are created, updated and deleted as the configuration changes, and a rollback restores them", async () => {
  const first = await synth("first", 420, "0 3 * * *");
  expect((await deploy(first, "Create")).Status).toBe("SUCCESS");
  expect(await names()).toHaveLength(420);
  const read = () => client.send(new GetScheduleCommand({ GroupName: group, Name: "start-p7" }));
  const original = await read();
  expect(original).toMatchObject({
    ScheduleExpression: "cron(0 3 * * ? *)",
    State: "ENABLED",
    Target: {
      Arn: expect.stringMatching(/^arn:aws:lambda:eu-west-1:123456789012:function:TagrelayScheduleFunction/),
      RoleArn: expect.stringMatching(/^arn:aws:iam::123456789012:role\/TagrelaySchedulesRole/),
      DeadLetterConfig: {
        Arn: expect.stringMatching(/^arn:aws:sqs:eu-west-1:123456789012:TagrelayDeadLetters/),
      },
      Input: '{"start":"p7","scheduledFor":"<aws.scheduler.scheduled-time>"}',
    },
  });

  const second = await synth("second", 405, "30 4 * * *");
  expect((await deploy(second, "Update")).Status).toBe("SUCCESS");
  expect(await names()).toHaveLength(405);
  expect(await read()).toMatchObject({ ScheduleExpression: "cron(30 4 * * ? *)" });

  expect((await deploy(first, "Update")).Status).toBe("SUCCESS");
  expect(await names()).toHaveLength(420);
  expect((await read()).Target).toEqual(original.Target);
  expect((await deploy(first, "Delete")).Status).toBe("SUCCESS");
}, 180_000);
