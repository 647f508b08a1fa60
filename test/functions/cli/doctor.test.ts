import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { awsEnvironment } from "../../stand-ins/parameter-store.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  root,
  startProgram,
  webhookSecret,
} from "../../stand-ins/program.ts";

// AWS as the doctor asks it: a real HTTP server that speaks CloudFormation's, Scheduler's and SSM's protocols. The
// deployment itself is the machine-local program, which is the same app.
let aws: Server;
let endpoint = "";
let apiUrl = "";
let parameters: Record<string, string> = {};
let schedules: Record<string, string> = {};
let folder: Folder;
let config = "";
let program: Program;

beforeAll(async () => {
  folder = makeFolder();
  config = folder.config({
    chain: { image: "acme/chain", schedule: { every: "6h" }, sequence: ["a", "b"] },
    unscheduled: { image: "acme/other", sequence: ["a"] },
  });
  program = await startProgram(["--data", folder.data, "--config", config]);
  aws = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    if (request.headers["x-amz-target"] === "AmazonSSM.GetParameters") {
      const { Names } = JSON.parse(body);
      const found = Names.filter((name: string) => parameters[name] !== undefined);
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(
        JSON.stringify({ Parameters: found.map((Name: string) => ({ Name, Value: parameters[Name] })) }),
      );
    } else if (request.url?.startsWith("/schedules")) {
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ Schedules: Object.entries(schedules).map(([Name, State]) => ({ Name, State })) }),
      );
    } else if (body.includes("StackName=Tagrelay")) {
      response.setHeader("content-type", "text/xml");
      response.end(
        `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>Tagrelay</StackName><CreationTime>2026-11-20T03:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>${apiUrl}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
      );
    } else {
      response.writeHead(400, { "content-type": "text/xml" });
      response.end(
        '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Other does not exist</Message></Error></ErrorResponse>',
      );
    }
  });
  await new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve));
  const address = aws.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
beforeEach(() => {
  apiUrl = `${program.origin}/api`;
  parameters = {
    "/Tagrelay/TAGRELAY_WEBHOOK_SECRET": webhookSecret,
    "/Tagrelay/TAGRELAY_API_TOKEN": apiToken,
    "/Tagrelay/ACME_CHAIN_TRIGGER": "x",
    "/Tagrelay/ACME_OTHER_TRIGGER": "x",
  };
  schedules = { sweep: "ENABLED", "start-chain": "ENABLED" };
});
afterAll(async () => {
  await program.kill("SIGKILL");
  aws.closeAllConnections();
  aws.close();
  folder.remove();
});

function doctor(...args: string[]): Promise<{ code: number; output: string }> {
  const env = { PATH: process.env.PATH, ...awsEnvironment, AWS_ENDPOINT_URL: endpoint };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, "functions/cli/tagrelay.js"), "doctor", "--config", config, ...args],
      { env },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

test("a deployment that is well is said to be, item by item", async () => {
  const { code, output } = await doctor();
  expect(output.trim().split("\n")).toEqual([
    "ok  the secret TAGRELAY_WEBHOOK_SECRET is there",
    "ok  the secret TAGRELAY_API_TOKEN is there",
    "ok  the secret ACME_CHAIN_TRIGGER is there",
    "ok  the secret ACME_OTHER_TRIGGER is there",
    "ok  the schedule sweep is enabled",
    "ok  the schedule start-chain is enabled",
    "ok  the program answers",
    "ok  the webhook refuses a wrong secret",
    "ok  the API refuses who has no token",
    "ok  the webhook takes the right secret",
    "ok  the API takes the right token",
  ]);
  expect(code).toBe(0);
});

test("what is not well is told with what to do, and the exit code is 1", async () => {
  delete parameters["/Tagrelay/ACME_OTHER_TRIGGER"];
  parameters["/Tagrelay/TAGRELAY_API_TOKEN"] = "another";
  schedules = { sweep: "DISABLED" };
  const { code, output } = await doctor();
  expect(output.split("\n").filter((line) => line.startsWith("NOT OK"))).toEqual([
    "NOT OK  the secret ACME_OTHER_TRIGGER is missing; write it with: npm run secret -- ACME_OTHER_TRIGGER",
    "NOT OK  the schedule sweep is disabled; enable it in EventBridge Scheduler",
    "NOT OK  the schedule start-chain is missing; deploy again with: npx cdk deploy",
    "NOT OK  expected that the API takes the right token (200), found 401; the function's log says why",
  ]);
  expect(code).toBe(1);
});

test("a deployment that does not answer is said not to", async () => {
  apiUrl = "http://127.0.0.1:9/api";
  const { code, output } = await doctor();
  expect(output).toContain("NOT OK  expected that the program answers (200), found no answer (TypeError)\n");
  expect(output).not.toContain(webhookSecret);
  expect(code).toBe(1);
});

test("a stack that is not there is told, and the exit code is 3", async () => {
  expect(await doctor("--stack", "Other")).toEqual({
    code: 3,
    output:
      "tagrelay: the deployment cannot be looked at: ValidationError: Stack with id Other does not exist\n",
  });
});

test("what is found can be had as JSON", async () => {
  delete parameters["/Tagrelay/ACME_OTHER_TRIGGER"];
  const { code, output } = await doctor("--json");
  const { isWell, findings } = JSON.parse(output);
  expect([code, isWell]).toEqual([1, false]);
  expect(findings).toContainEqual({ isWell: true, what: "the program answers" });
  expect(findings.filter((finding: { isWell: boolean }) => !finding.isWell)).toHaveLength(1);
});
