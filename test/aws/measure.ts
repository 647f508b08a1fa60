// `npm run measure`: what a webhook costs on Lambda. The figures vary from machine to machine, the counts do not.
import { statSync } from "node:fs";
import { join } from "node:path";
import { type DockerHub, pushWebhook, startDockerHub } from "../stand-ins/docker-hub.ts";
import { startParameterStore } from "../stand-ins/parameter-store.ts";
import { startLambda } from "./lambda.ts";
import { type LocalStack, startLocalStack } from "./local-stack.ts";

const coldStarts = 7;
const secret = "measured-secret";

async function main(): Promise<void> {
  const hub = await startDockerHub();
  const stack = await startLocalStack({
    chain: { image: "acme/chain", sequence: ["a", "b", "c"] },
    five: {
      image: "acme/five",
      delay: "1s",
      schedule: { every: "24h" },
      sequence: ["1", "2", "3", "4", "5"].map((tag) => `v${tag}`),
    },
  });
  try {
    await measure(hub, stack);
  } finally {
    await stack.stop();
    await hub.close();
  }
}

async function measure(hub: DockerHub, stack: LocalStack): Promise<void> {
  for (const { id, code } of stack.deployment.functions) {
    say(`${id}`, `${Math.round(statSync(join(code, "index.mjs")).size / 1000)} KB bundled`);
  }
  const webhook = stack.deployment.routes[0]?.target;
  if (webhook === undefined) throw new Error("expected a route");
  const parameters = await startParameterStore();
  const times: number[] = [];
  for (let start = 0; start < coldStarts; start += 1) {
    const began = performance.now();
    const lambda = await startLambda(webhook, {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "measured",
      AWS_SECRET_ACCESS_KEY: "measured",
      AWS_ENDPOINT_URL: parameters.endpoint,
    });
    await lambda.invoke({
      version: "2.0",
      rawPath: "/healthz",
      rawQueryString: "",
      headers: { host: "localhost" },
      requestContext: {
        http: { method: "GET", path: "/healthz", sourceIp: "127.0.0.1" },
        domainName: "localhost",
      },
      isBase64Encoded: false,
    });
    times.push(performance.now() - began);
    await lambda.kill();
  }
  await parameters.close();
  times.sort((a, b) => a - b);
  const [fastest = 0, slowest = 0] = [times[0], times.at(-1)];
  const median = times[Math.floor(times.length / 2)] ?? 0;
  say(
    "spawn to first answer",
    `${median.toFixed(0)} ms (${fastest.toFixed(0)} to ${slowest.toFixed(0)}, of ${coldStarts})`,
  );

  stack.parameters.parameters
    .set("/Tagrelay/TAGRELAY_WEBHOOK_SECRET", secret)
    .set("/Tagrelay/ACME_FIVE_TRIGGER", `${hub.origin}/trigger/`)
    .set("/Tagrelay/ACME_CHAIN_TRIGGER", `${hub.origin}/trigger/`);
  const count = async (what: string, tag: string, given = secret) => {
    stack.services.calls.length = 0;
    await stack.request("POST", `/hooks/dockerhub/${given}`, {
      headers: { "content-type": "application/json" },
      body: pushWebhook("acme/chain", tag),
    });
    const calls = stack.services.calls.filter((call) => call.startsWith("dynamodb:"));
    say(
      what,
      `${calls.length} requests to DynamoDB${calls.length === 0 ? "" : ` (${calls.map((call) => call.slice(9)).join(", ")})`}`,
    );
  };
  await count("a push that starts a run", "a");
  await count("a push that advances a run", "b");
  await count("a duplicate of it", "b");
  await count("an unknown tag", "unknown");
  await count("a wrong secret", "b", "wrong");
  await measureRun(stack);
}

/** A run of five steps, each triggered by the sweep after its delay, with the one before it to be kept as history. */
async function measureRun(stack: LocalStack): Promise<void> {
  const run = async (scheduledFor: string) => {
    await stack.turn('"start":"five"', scheduledFor);
    for (const tag of ["v1", "v2", "v3", "v4", "v5"]) {
      await stack.request("POST", `/hooks/dockerhub/${secret}`, {
        headers: { "content-type": "application/json" },
        body: pushWebhook("acme/five", tag),
      });
      await new Promise((resolve) => setTimeout(resolve, 1_050));
      if (tag !== "v5") await stack.turn('"sweep"');
    }
  };
  await run("2026-11-20T03:00:00Z");
  stack.services.calls.length = 0;
  await run("2026-11-21T03:00:00Z");
  const of = (action: string) => stack.services.calls.filter((call) => call === `dynamodb:${action}`).length;
  say(
    "a daily run of five steps",
    `${of("GetItem")} reads, ${of("PutItem")} writes, and ${of("Query")} queries by the sweeps in it`,
  );
}

function say(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(34)}  ${figure}\n`);
}

await main();
