// The store as it is bundled, without what leave-out.ts removes, against an engine and a server that answers like AWS.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { emptyState } from "../../shared/run/state.ts";
import type { createDynamodbClient } from "../../shared/store/dynamodb/client.ts";
import { createTable } from "../../shared/store/dynamodb/create-table.ts";
import type { createRequests } from "../../shared/store/dynamodb/requests.ts";
import type { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import { overHttp } from "../shared/store/dynamodb/over-http.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../stand-ins/any-server.ts";
import { readSignature } from "../stand-ins/aws-signature.ts";
import { startDynamodb } from "../stand-ins/dynamodb.ts";
import { importBundled } from "../stand-ins/import-bundled.ts";
import { awsEnvironment } from "../stand-ins/parameter-store.ts";
import { root } from "../stand-ins/program.ts";

type Bundled = {
  createDynamodbClient: typeof createDynamodbClient;
  createDynamodbStore: typeof createDynamodbStore;
  createRequests: typeof createRequests;
};

let bundled: Bundled;
let server: AnyServer;
const folder = mkdtempSync(join(tmpdir(), "tagrelay-store-"));
beforeAll(async () => {
  const parts = ["client", "store", "requests"];
  const file = join(folder, "store.ts");
  writeFileSync(
    file,
    parts
      .map((part) => `export * from ${JSON.stringify(join(root, `shared/store/dynamodb/${part}.ts`))};`)
      .join("\n"),
  );
  bundled = await importBundled(file, folder);
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

test("a state is saved, read, and not overwritten by a process that read an older version", async () => {
  const engine = await startDynamodb(null);
  const own = await overHttp(engine);
  await createTable(own.requests, "tagrelay");
  const client = bundled.createDynamodbClient(engine.endpoint);
  const requests = bundled.createRequests(client);
  const store = bundled.createDynamodbStore({
    requests,
    tableName: "tagrelay",
    historyMs: 1,
    clock: Date.now,
  });
  const before = await store.load("chain");
  const state = { ...emptyState, lastSeen: [{ name: "é", value: "x".repeat(1_000) }], scheduledFor: 5 };
  expect(await store.save("chain", before, state, null)).toMatchObject({ kind: "saved" });
  expect(await store.save("chain", before, emptyState, null)).toEqual({ kind: "conflict" });
  expect(await store.load("chain")).toMatchObject({ state, version: 1 });
  expect(await store.loadMany(["chain", "other"])).toEqual(new Map([["chain", state]]));
  expect(await store.listRuns("chain", 5, null)).toEqual({ runs: [], next: null });
  expect(await store.listDue(Date.now())).toEqual([]);
  client.destroy();
  await own.close();
});

describe("on AWS", () => {
  const getItem = async (env: Record<string, string> = {}) => {
    const all = { ...awsEnvironment, AWS_ENDPOINT_URL_DYNAMODB: server.origin, ...env };
    for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
    const client = bundled.createDynamodbClient(null);
    return bundled.createRequests(client).getItem({ TableName: "t", Key: { pk: { S: "é" } } });
  };
  const answered = answering(200, '{"Item":{"pk":{"S":"é"}}}');
  const failing = (status: number, code: string) =>
    answering(status, JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: "no" }));
  const inTurn = (...answers: ((response: ServerResponse) => void)[]) => {
    server.answer = (response) => (answers.shift() ?? answered)(response);
  };

  test("a request is signed with the credentials in the environment, including the session token", async () => {
    inTurn();
    expect(await getItem({ AWS_SESSION_TOKEN: "token+/=" })).toMatchObject({ Item: { pk: { S: "é" } } });
    const [asked] = server.asked;
    const read = asked && readSignature(asked, awsEnvironment.AWS_SECRET_ACCESS_KEY);
    expect(read).toMatchObject({ accessKey: "test", region: "eu-west-1", service: "dynamodb" });
    expect(read?.signature).toBe(read?.expected);
    expect(asked?.headers).toMatchObject({
      "x-amz-security-token": "token+/=",
      "x-amz-target": "DynamoDB_20120810.GetItem",
      "user-agent": expect.stringMatching(/^aws-sdk-js\/3\.\d+\.\d+ .*api\/dynamodb#3\.\d+\.\d+/),
    });
  });

  test.each([
    ["throttling", failing(400, "ProvisionedThroughputExceededException")],
    ["an internal error of DynamoDB", failing(500, "InternalServerError")],
    ["a broken connection", cutting],
  ])("%s is retried", async (_what, failure) => {
    inTurn(failure, failure);
    expect(await getItem()).toMatchObject({ Item: { pk: { S: "é" } } });
    expect(server.asked).toHaveLength(3);
  });

  test("throttling is retried in the adaptive retry mode, too", async () => {
    inTurn(failing(400, "ThrottlingException"));
    expect(await getItem({ AWS_RETRY_MODE: "adaptive" })).toMatchObject({ Item: { pk: { S: "é" } } });
  });

  test("a signature has AWS's date after AWS refused one because the local clock is wrong", async () => {
    const inAnHour = new Date(Date.now() + 3_600_000);
    server.answer = (response) => {
      response.setHeader("date", inAnHour.toUTCString());
      (server.asked.length === 1 ? failing(400, "InvalidSignatureException") : answered)(response);
    };
    expect(await getItem()).toMatchObject({ Item: { pk: { S: "é" } } });
    const next = String(server.asked[1]?.headers["x-amz-date"]);
    expect(next.slice(9, 11)).toBe(String(inAnHour.getUTCHours()).padStart(2, "0"));
  });

  test.each(["ResourceNotFoundException", "AccessDeniedException", "UnheardOfException"])(
    "%s is thrown under its name",
    async (code) => {
      server.answer = failing(400, code);
      await expect(getItem()).rejects.toMatchObject({ name: code, message: "no" });
    },
  );

  test.each([
    ["the region", { AWS_REGION: "eu-west-1" }, "dynamodb.eu-west-1.amazonaws.com"],
    ["the region in China", { AWS_REGION: "cn-north-1" }, "dynamodb.cn-north-1.amazonaws.com.cn"],
    ["the account", { AWS_ACCOUNT_ID: "123456789012" }, "123456789012.ddb.eu-west-1.amazonaws.com"],
    [
      "FIPS",
      { AWS_USE_FIPS_ENDPOINT: "true", AWS_REGION: "us-east-1" },
      "dynamodb-fips.us-east-1.amazonaws.com",
    ],
  ])("without a configured endpoint, requests go to that of %s", async (_what, env, host) => {
    for (const [name, value] of Object.entries({ ...awsEnvironment, ...env })) vi.stubEnv(name, value);
    const client = bundled.createDynamodbClient(null);
    const hosts: unknown[] = [];
    client.middlewareStack.add(
      () => async (args) => {
        hosts.push(args.request);
        throw new Error("seen");
      },
      { step: "deserialize", priority: "low" },
    );
    const request = bundled.createRequests(client).getItem({ TableName: "t", Key: { pk: { S: "k" } } });
    await expect(request).rejects.toThrow("seen");
    expect(hosts).toEqual([expect.objectContaining({ hostname: host })]);
  });
});
