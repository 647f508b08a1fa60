// `tagrelay secret` and `tagrelay doctor` on moto's SSM, Scheduler and CloudFormation, and the functions with the secrets that are
// stored there: as in docs/deploy.md, without an account.
import { createServer } from "node:http";
import { CloudFormationClient, CreateStackCommand } from "@aws-sdk/client-cloudformation";
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnTagrelay } from "../stand-ins/command-line.ts";
import { type DockerHub, pushWebhook, startDockerHub } from "../stand-ins/docker-hub.ts";
import { awsEnvironment } from "../stand-ins/parameter-store.ts";
import { type Folder, makeFolder } from "../stand-ins/program.ts";
import { serve } from "../stand-ins/serve.ts";
import { type LocalStack, startLocalStack } from "./local-stack.ts";
import { startMoto } from "./moto.ts";

const pipelines = {
  chain: {
    image: "acme/chain",
    schedule: { every: "90m" },
    trigger: { dockerhub: { secret: "CHAIN_TRIGGER" } },
    confirm: "webhook",
    sequence: ["a", "b"],
  },
};
const secrets = new Map([
  ["TAGRELAY_WEBHOOK_SECRET", "webhook-secret-0123456789"],
  ["TAGRELAY_API_TOKEN", "api-token-0123456789"],
]);

let hub: DockerHub;
let moto: Awaited<ReturnType<typeof startMoto>>;
let stack: LocalStack;
let folder: Folder;
let config: string;
let scheduler: SchedulerClient;
let http: { origin: string; close: () => Promise<void> };
beforeAll(async () => {
  hub = await startDockerHub();
  moto = await startMoto();
  folder = makeFolder();
  config = folder.config(pipelines);
  stack = await startLocalStack(pipelines, {}, moto.endpoint);
  secrets.set("CHAIN_TRIGGER", `${hub.origin}/api/build/v1/source/1/trigger/2/call/`);
  scheduler = new SchedulerClient(clientOptions());
  http = await serve(createServer((request, response) => void passOn(request, response)));
  await deploy();
}, 180_000);
afterAll(async () => {
  scheduler.destroy();
  await http.close();
  await stack.stop();
  await moto.close();
  await hub.close();
  folder.remove();
});

const clientOptions = () => ({
  endpoint: moto.endpoint,
  region: "eu-west-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

type Listener = Parameters<typeof createServer>[1] & object;

/** Like API Gateway. */
async function passOn(...[request, response]: Parameters<Listener>): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
  const { method = "GET", url = "/" } = request;
  const answer = await stack.request(method, url, { headers, ...(body === "" ? {} : { body }) });
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer.body));
}

/** What of the stack moto knows: the schedules of the template, and a stack with the output that `doctor` reads. */
async function deploy(): Promise<void> {
  await scheduler.send(new CreateScheduleGroupCommand({ Name: "Tagrelay" }));
  for (const { name, expression, timezone, input } of stack.deployment.schedules) {
    const create = new CreateScheduleCommand({
      GroupName: "Tagrelay",
      Name: name,
      ScheduleExpression: expression,
      ...(timezone === "undefined" ? {} : { ScheduleExpressionTimezone: timezone }),
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Arn: "arn:aws:lambda:eu-west-1:123456789012:function:schedule",
        RoleArn: "arn:aws:iam::123456789012:role/schedules",
        Input: input,
      },
    });
    await scheduler.send(create);
  }
  const template = {
    Resources: { Topic: { Type: "AWS::SNS::Topic" } },
    Outputs: { ApiUrl: { Value: `${http.origin}/api` } },
  };
  const client = new CloudFormationClient(clientOptions());
  await client.send(
    new CreateStackCommand({ StackName: "Tagrelay", TemplateBody: JSON.stringify(template) }),
  );
  client.destroy();
}

const run = (args: string[], input?: string) =>
  spawnTagrelay(args, {
    env: { ...awsEnvironment, AWS_ENDPOINT_URL: moto.endpoint },
    ...(input === undefined ? {} : { input }),
  }).ended;
const doctor = async () => {
  const { code, stdout } = await run(["doctor", "--config", config]);
  return { code, lines: stdout.trim().split("\n") };
};

test("doctor names the secrets that are missing", async () => {
  const { code, lines } = await doctor();
  expect(code).toBe(1);
  for (const name of secrets.keys()) {
    expect(lines).toContain(
      `NOT OK  the secret ${name} is missing; set it with: npx tagrelay secret set ${name}`,
    );
  }
});

test("secrets are stored as SecureString parameters, and doctor then finds nothing to do", async () => {
  const client = new SSMClient(clientOptions());
  for (const [name, value] of secrets) {
    expect(await run(["secret", "set", name], `${value}\n`)).toMatchObject({ code: 0, stderr: "" });
    const { Parameter } = await client.send(
      new GetParameterCommand({ Name: `/Tagrelay/${name}`, WithDecryption: true }),
    );
    expect(Parameter).toMatchObject({ Type: "SecureString", Value: value });
  }
  client.destroy();
  // The functions look for a missing secret again after ten seconds.
  await expect.poll(doctor, { timeout: 40_000, interval: 5_000 }).toMatchObject({ code: 0 });
  const { lines } = await doctor();
  expect(lines).toContain("ok  the schedule start-chain is enabled");
  expect(lines).toContain("ok  the webhook accepts the right secret");
  expect(lines).toContain("ok  the API accepts the right token");
}, 90_000);

test("the functions trigger a build with a secret from there", async () => {
  expect(await stack.turn('"start":"chain"', "2026-11-20T03:30:00Z")).toMatchObject({ kind: "answered" });
  // Not a multiple of 90 minutes.
  expect(hub.tags()).toEqual([]);
  expect(await stack.turn('"start":"chain"', "2026-11-20T03:00:00Z")).toMatchObject({ kind: "answered" });
  expect(hub.tags()).toEqual(["a"]);
  const push = await stack.request("POST", `/hooks/dockerhub/${secrets.get("TAGRELAY_WEBHOOK_SECRET")}`, {
    headers: { "content-type": "application/json" },
    body: pushWebhook("acme/chain", "a"),
  });
  expect(push).toMatchObject({ status: 200, body: { outcome: "advanced" } });
  expect(hub.tags()).toEqual(["a", "b"]);
  expect(stack.services.violations).toEqual([]);
});

test("doctor finds a schedule that is gone", async () => {
  await scheduler.send(new DeleteScheduleCommand({ GroupName: "Tagrelay", Name: "start-chain" }));
  expect((await doctor()).lines).toContain(
    "NOT OK  the schedule start-chain is missing; deploy again with: npx cdk deploy",
  );
});
