import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { scheduleNameIn } from "../../../shared/aws/schedule-name.ts";
import { answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { spawnTagrelay, tagrelay } from "../../stand-ins/command-line.ts";
import { awsEnvironment } from "../../stand-ins/parameter-store.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  webhookSecret,
} from "../../stand-ins/program.ts";
import { digestOf, startRegistry } from "../../stand-ins/registry.ts";

// A real HTTP server that speaks the protocols of CloudFormation, Scheduler and SSM. In place of the deployment there is
// the local program, which runs the same app.
let server: Server;
let endpoint = "";
let apiUrl = "";
let parameters: Record<string, string> = {};
let schedules: Record<string, string> = {};
let folder: Folder;
let config = "";
let program: Program;

const pipelines = {
  chain: { image: "acme/chain", schedule: { every: "6h" }, sequence: ["a", "b"] },
  unscheduled: { image: "acme/other", sequence: ["a"] },
};

beforeAll(async () => {
  folder = makeFolder();
  config = folder.config(pipelines);
  program = await startProgram(["--data", folder.data, "--config", config]);
  server = createServer(async (request, response) => {
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
beforeEach(() => {
  for (const [name, value] of Object.entries(aws())) vi.stubEnv(name, value);
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
  vi.unstubAllEnvs();
  await program.kill("SIGKILL");
  server.closeAllConnections();
  server.close();
  folder.remove();
});

const aws = () => ({ ...awsEnvironment, AWS_ENDPOINT_URL: endpoint });
const doctor = (...args: string[]) => tagrelay(["doctor", "--config", config, ...args]);

test("a deployment without problems passes each check", async () => {
  const { code, stdout } = await spawnTagrelay(["doctor", "--config", config], { env: aws() }).ended;
  expect(stdout.trim().split("\n")).toEqual([
    "ok  the secret TAGRELAY_WEBHOOK_SECRET is set",
    "ok  the secret TAGRELAY_API_TOKEN is set",
    "ok  the secret ACME_CHAIN_TRIGGER is set",
    "ok  the secret ACME_OTHER_TRIGGER is set",
    "ok  the schedule sweep is enabled",
    "ok  the schedule start-chain is enabled",
    "ok  the program answers",
    "ok  the webhook rejects a wrong secret",
    "ok  the API rejects a request without a token",
    "ok  the webhook accepts the right secret",
    "ok  the API accepts the right token",
  ]);
  expect(code).toBe(0);
});

test("problems are listed with their fixes, and the exit code is 1", async () => {
  delete parameters["/Tagrelay/ACME_OTHER_TRIGGER"];
  parameters["/Tagrelay/TAGRELAY_API_TOKEN"] = "another";
  schedules = { sweep: "DISABLED" };
  const { code, stdout } = await doctor();
  expect(stdout.split("\n").filter((line) => line.startsWith("NOT OK"))).toEqual([
    "NOT OK  the secret ACME_OTHER_TRIGGER is missing; set it with: npx tagrelay secret set ACME_OTHER_TRIGGER",
    "NOT OK  the schedule sweep is disabled; enable it in EventBridge Scheduler",
    "NOT OK  the schedule start-chain is missing; deploy again with: npx cdk deploy",
    "NOT OK  expected that the API accepts the right token (200), found 401; see its log",
  ]);
  expect(code).toBe(1);
});

test("a webhook secret that is older than its rules is encoded in the URL", async () => {
  const other = await startAnyServer();
  apiUrl = `${other.origin}/api`;
  parameters["/Tagrelay/TAGRELAY_WEBHOOK_SECRET"] = "a/b?c d";
  await doctor();
  expect(other.asked.map(({ path }) => path)).toContain("/hooks/dockerhub/a%2Fb%3Fc%20d");
  await other.close();
});

test("a registry that cannot be read is a problem, with the reason", async () => {
  const registry = await startRegistry();
  const { host } = new URL(registry.origin);
  const images = folder.config({ chain: { image: `${host}/acme/chain`, sequence: ["a"] } });
  parameters[`/Tagrelay/_${host.replace(/[^0-9]/g, "_")}_ACME_CHAIN_TRIGGER`] = "x";
  registry.digests.set("acme/chain:a", digestOf("a"));
  expect((await tagrelay(["doctor", "--config", images])).stdout).toContain(
    `ok  the registry ${host} can be read\n`,
  );
  registry.answer = answering(403);
  expect((await tagrelay(["doctor", "--config", images])).stdout).toContain(
    `NOT OK  ${host}/acme/chain:a could not be looked up: ${host} answered 403; check registries.${host}.login in the configuration\n`,
  );
  await registry.close();
  config = folder.config(pipelines);
});

test("a registry whose webhooks did not come in the last run is a problem", async () => {
  const step = (image: string, reportedBy: string) => ({
    name: image,
    image,
    attempts: 1,
    state: "done",
    doneAt: "2026-11-20T03:00:00.000Z",
    reportedBy,
  });
  const at = "2026-11-20T03:00:00.000Z";
  const run = {
    id: "chain.1",
    pipeline: "chain",
    cause: "manual",
    startedAt: at,
    status: "succeeded",
    endedAt: at,
    steps: [
      step("acme/chain:a", "webhook"),
      step("ghcr.io/acme/b:1", "lookUp"),
      step("ghcr.io/acme/c:1", "webhook"),
      step("registry.gitlab.com/acme/d:1", "builder"),
    ],
  };
  const api = await startAnyServer();
  const pipeline = { name: "chain", steps: [], confirm: "auto", run };
  api.answer = answering(200, JSON.stringify({ pipelines: [pipeline] }));
  apiUrl = `${api.origin}/api`;
  const { stdout } = await doctor();
  expect(stdout.split("\n").filter((line) => line.includes("the last run"))).toEqual([
    "ok  webhooks of Docker Hub came in the last run",
    "NOT OK  in the last run, no webhook came for ghcr.io/acme/b:1; check the webhook at ghcr.io (docs/registries.md). Until then, pushes are found by looking them up, which takes up to 15 minutes",
  ]);
  await api.close();
});

test("a deployment that does not answer is a problem", async () => {
  apiUrl = "http://127.0.0.1:9/api";
  const { code, stdout } = await doctor();
  expect(stdout).toContain("NOT OK  expected that the program answers (200), found no answer (TypeError)\n");
  expect(stdout).not.toContain(webhookSecret);
  expect(code).toBe(1);
});

test("a construct in another stack is found by its name and address, without CloudFormation", async () => {
  const moved = (name: string) => name.replace("/Tagrelay/", "/Images-Second/");
  parameters = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [moved(name), value]));
  const names = ["sweep", "start-chain"].map((name) => scheduleNameIn("Images-Second", name));
  schedules = Object.fromEntries(names.map((name) => [name, "ENABLED"]));
  const { code, stdout } = await doctor("--stack", "Images-Second", "--url", program.origin);
  expect(stdout.split("\n").filter((line) => line.startsWith("NOT OK"))).toEqual([]);
  expect(stdout).toContain(`ok  the schedule ${names[1]} is enabled\n`);
  expect(stdout).toContain("ok  the API accepts the right token\n");
  expect(code).toBe(0);
});

test("a missing stack is an error, and the exit code is 3", async () => {
  expect(await doctor("--stack", "Other")).toEqual({
    code: 3,
    stdout: "",
    stderr:
      "tagrelay: the deployment cannot be checked: ValidationError: Stack with id Other does not exist\n",
  });
});

test("findings can be printed as JSON", async () => {
  delete parameters["/Tagrelay/ACME_OTHER_TRIGGER"];
  const { code, stdout } = await doctor("--json");
  const { isWell, findings } = JSON.parse(stdout);
  expect([code, isWell]).toEqual([1, false]);
  expect(findings).toContainEqual({ isWell: true, what: "the program answers" });
  expect(findings.filter((finding: { isWell: boolean }) => !finding.isWell)).toHaveLength(1);
});
