// Runs pipelines on the bundles that would be uploaded, with AWS's own runtime client and DynamoDB engine.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DockerHub, pushWebhook, startDockerHub } from "../stand-ins/docker-hub.ts";
import { type LocalStack, startLocalStack } from "./local-stack.ts";

const webhookSecret = "webhook-secret-0123456789";
const apiToken = "api-token-0123456789";

let hub: DockerHub;
let stack: LocalStack;
beforeAll(async () => {
  hub = await startDockerHub();
  const pipelines = {
    family: {
      image: "acme/family",
      schedule: { cron: "0 3 * * *", timezone: "Europe/Paris" },
      trigger: { dockerhub: { secret: "FAMILY_TRIGGER" } },
      sequence: ["base", ["left", "right"]],
    },
    delayed: {
      image: "acme/delayed",
      delay: "1s",
      trigger: { dockerhub: { secret: "FAMILY_TRIGGER" } },
      sequence: ["a", "b"],
    },
  };
  stack = await startLocalStack(pipelines, { channels: { mail: { sns: {}, on: ["succeeded"] } } });
}, 120_000);
afterAll(async () => {
  await stack.stop();
  await hub.close();
});

const push = (repository: string, tag: string, secret = webhookSecret) =>
  stack.request("POST", `/hooks/dockerhub/${secret}`, {
    headers: { "Content-Type": "application/json" },
    body: pushWebhook(repository, tag),
  });
const api = (method: string, path: string) =>
  stack.request(method, `/api${path}`, { headers: { Authorization: `Bearer ${apiToken}` } });

test("without its secrets, the webhook function reports which one is missing in its log, but not in its answer", async () => {
  expect(await push("acme/family", "base")).toMatchObject({ status: 500 });
  expect(stack.output()).toContain(
    "expected the parameter /Tagrelay/TAGRELAY_WEBHOOK_SECRET, found none; write it with: npx tagrelay secret set TAGRELAY_WEBHOOK_SECRET",
  );
  stack.parameters.parameters
    .set("/Tagrelay/TAGRELAY_WEBHOOK_SECRET", webhookSecret)
    .set("/Tagrelay/TAGRELAY_WEBHOOK_SECRET_PREVIOUS", "previous-secret")
    .set("/Tagrelay/TAGRELAY_API_TOKEN", apiToken)
    .set("/Tagrelay/FAMILY_TRIGGER", `${hub.origin}/api/build/v1/source/1/trigger/2/call/`);
  // A missing secret is requested again after ten seconds.
  await sleep(10_500);
}, 30_000);

test("a schedule starts a run, webhooks advance it, and the API reports that it succeeded", async () => {
  expect(await stack.turn('"start":"family"')).toEqual({ kind: "answered", payload: null });
  expect(hub.triggers).toMatchObject([
    { path: "/api/build/v1/source/1/trigger/2/call/", body: { docker_tag: "base" } },
  ]);

  stack.services.calls.length = 0;
  expect(await push("acme/family", "base")).toMatchObject({ status: 200, body: { outcome: "advanced" } });
  expect(hub.tags()).toEqual(["base", "left", "right"]);
  // One read, then a write before the triggers and one after them.
  expect(stack.services.calls.filter((call) => call.startsWith("dynamodb:"))).toEqual([
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:PutItem",
  ]);

  expect(await push("acme/family", "base")).toMatchObject({ body: { outcome: "duplicate" } });
  await push("acme/family", "left");
  await push("acme/family", "right", "previous-secret");
  const { body } = await api("GET", "/pipelines/family/runs");
  expect(body.runs).toMatchObject([{ cause: "schedule", status: "succeeded" }]);
});

test("a subscriber of the stack's topic receives a notice, with a link to the run", () => {
  expect(stack.services.published).toEqual([
    {
      topic: expect.stringMatching(/^arn:aws:sns:eu-west-1:123456789012:TagrelayFailures/),
      subject: "Tagrelay: family succeeded",
      text: expect.stringMatching(/^family succeeded\n\n\S+\/runs\/family\.\S+$/),
    },
  ]);
});

test("a start that is delivered twice starts once", async () => {
  await stack.turn('"start":"family"');
  expect(hub.tags()).toEqual(["base", "left", "right"]);
});

test("the sweep triggers what was delayed", async () => {
  hub.triggers.length = 0;
  expect((await api("POST", "/pipelines/delayed/runs")).status).toBe(201);
  await push("acme/delayed", "a");
  expect(hub.tags()).toEqual(["a"]);
  await sleep(1_100);
  expect(await stack.turn('"sweep"')).toMatchObject({ kind: "answered" });
  expect(hub.tags()).toEqual(["a", "b"]);
  await push("acme/delayed", "b");
  expect((await api("GET", "/pipelines")).body.pipelines).toMatchObject([
    { name: "family", run: { status: "succeeded" } },
    { name: "delayed", run: { status: "succeeded" } },
  ]);
});

test("the HTTP API passes on requests to known routes, and the app refuses wrong secrets and tokens", async () => {
  expect(await stack.request("GET", "/healthz")).toMatchObject({ status: 200 });
  expect(await stack.request("GET", "/wp-login.php")).toMatchObject({ status: 404 });
  expect(await push("acme/family", "base", "wrong")).toMatchObject({ status: 404 });
  expect(await stack.request("GET", "/api/pipelines")).toMatchObject({ status: 401 });
  expect((await api("GET", "/pipelines/family/runs?limit=1")).body.runs).toHaveLength(1);
  const { id } = (await api("GET", "/pipelines/family/runs")).body.runs[0];
  expect(await api("GET", `/runs/${encodeURIComponent(id)}`)).toMatchObject({ status: 200, body: { id } });
});

test("an event that the schedule function cannot handle is sent to its failure destination", async () => {
  const schedule = stack.deployment.schedules[0]?.target;
  if (schedule === undefined) throw new Error("expected a schedule");
  expect(
    await stack.invokeLater(schedule, { start: "gone", scheduledFor: "2026-11-20T03:00:00Z" }),
  ).toMatchObject({
    kind: "failed",
  });
  expect(stack.deadLetters).toEqual([
    {
      destination: expect.stringContaining("DeadLetters"),
      event: { start: "gone", scheduledFor: "2026-11-20T03:00:00Z" },
    },
  ]);
});

describe("rights", () => {
  test("were sufficient for every request", () => {
    expect(stack.services.violations).toEqual([]);
  });

  test("that are missing make the request fail, and are recorded", async () => {
    const webhook = stack.deployment.routes[0]?.target;
    if (webhook === undefined) throw new Error("expected a route");
    const kept = webhook.statements.splice(0);
    expect((await api("GET", "/pipelines")).status).toBe(503);
    expect(stack.services.violations).toContain(
      `${webhook.id} may not dynamodb:BatchGetItem on :table/${stack.deployment.tables[0]?.TableName}`,
    );
    webhook.statements.push(...kept);
    expect((await api("GET", "/pipelines")).status).toBe(200);
  });
});

test("the functions log no secret, and one line of JSON for each entry", () => {
  const output = stack.output();
  for (const secret of [webhookSecret, apiToken, "/trigger/2/"]) expect(output).not.toContain(secret);
  const own = output.split("\n").filter((line) => line.startsWith("{"));
  expect(own.length).toBeGreaterThan(20);
  for (const line of own) expect(() => JSON.parse(line)).not.toThrow();
});
