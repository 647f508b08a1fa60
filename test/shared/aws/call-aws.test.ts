import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AwsCall, createCallAws } from "../../../shared/aws/call-aws.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../../stand-ins/any-server.ts";
import { readSignature } from "../../stand-ins/aws-signature.ts";
import { awsEnvironment } from "../../stand-ins/parameter-store.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, "{}");
});
afterAll(() => server.close());

const call: AwsCall = {
  service: "ssm",
  headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.GetParameters" },
  body: '{"Names":["/Tagrelay/é"]}',
  timeoutMs: 2_000,
  attempts: 3,
  maxTotalMs: 10_000,
};
const create = (env: NodeJS.ProcessEnv = {}) =>
  createCallAws({ ...awsEnvironment, AWS_ENDPOINT_URL: server.origin, ...env });

const inTurn = (...answers: ((response: ServerResponse) => void)[]) => {
  server.answer = (response) => (answers.shift() ?? answering(200, "done"))(response);
};
const failing = (status: number, code: string) => answering(status, JSON.stringify({ __type: code }));

describe("a signature", () => {
  test("is computed by this test as in AWS's published example", () => {
    const asked = {
      method: "GET",
      path: "/",
      headers: {
        host: "example.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
        authorization:
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      },
      body: "",
    };
    const { signature, expected } = readSignature(asked, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    expect(expected).toBe(signature);
  });

  test("covers the request as it arrives, with its body, its date and the session token", async () => {
    const env = {
      AWS_ACCESS_KEY_ID: "AKID",
      AWS_SECRET_ACCESS_KEY: "0123-secret",
      AWS_SESSION_TOKEN: "token+/=",
    };
    await create(env)(call);
    await create(env)({ ...call, service: "sns", region: "us-east-1", body: "Action=Publish&Message=a+b" });
    const [ssm, sns] = server.asked.map((asked) => readSignature(asked, env.AWS_SECRET_ACCESS_KEY));
    expect(ssm).toMatchObject({ accessKey: "AKID", region: "eu-west-1", service: "ssm" });
    expect(sns).toMatchObject({ accessKey: "AKID", region: "us-east-1", service: "sns" });
    expect(ssm?.signature).toBe(ssm?.expected);
    expect(sns?.signature).toBe(sns?.expected);
    expect(ssm?.signedHeaders).toEqual(
      expect.arrayContaining(["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"]),
    );
    expect(server.asked[0]?.headers).toMatchObject({
      "x-amz-security-token": "token+/=",
      "user-agent": "tagrelay",
    });
    const date = String(server.asked[0]?.headers["x-amz-date"]);
    const [, day, time] = /^(\d{8})T(\d{6})Z$/.exec(date) ?? [];
    expect(new Date().toISOString().replace(/\D/g, "").slice(0, 10)).toBe(`${day}${time}`.slice(0, 10));
  });

  test("needs no session, and does not cover the trace, which is sent with it", async () => {
    await create({ _X_AMZN_TRACE_ID: "Root=1-5759e988;Sampled=1" })(call);
    const [asked] = server.asked;
    expect(asked?.headers).not.toHaveProperty("x-amz-security-token");
    expect(asked?.headers).toMatchObject({ "x-amzn-trace-id": "Root=1-5759e988;Sampled=1" });
    const read = asked && readSignature(asked, awsEnvironment.AWS_SECRET_ACCESS_KEY);
    expect(read?.signedHeaders).not.toContain("x-amzn-trace-id");
    expect(read?.signature).toBe(read?.expected);
  });

  test("is impossible without credentials or a region in the environment, so nothing is sent", async () => {
    expect(await create({ AWS_ACCESS_KEY_ID: "" })(call)).toMatchObject({
      kind: "failed",
      reason: "expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, found none",
    });
    expect(await create({ AWS_REGION: "" })(call)).toMatchObject({
      kind: "failed",
      reason: "expected the environment variable AWS_REGION, found none",
    });
    expect(server.asked).toEqual([]);
  });

  test("uses AWS's date from the second attempt on, if this clock is off by an hour", async () => {
    const inAnHour = new Date(Date.now() + 3_600_000);
    server.answer = (response) => {
      response.setHeader("date", inAnHour.toUTCString());
      const isFirst = server.asked.length === 1;
      (isFirst ? failing(400, "InvalidSignatureException") : answering(200, "done"))(response);
    };
    expect(await create()(call)).toEqual({ kind: "answered", text: "done" });
    const hourOf = (index: number) => String(server.asked[index]?.headers["x-amz-date"]).slice(9, 11);
    const next = String(inAnHour.getUTCHours()).padStart(2, "0");
    expect([hourOf(0) === next, hourOf(1) === next]).toEqual([false, true]);
  });
});

describe("a temporary failure is retried:", () => {
  test.each([
    ["throttling", failing(400, "ThrottlingException")],
    ["throttling with the service's name", failing(400, "com.amazon.coral.availability#ThrottlingException")],
    ["throttling in XML", answering(400, "<Error><Code>Throttling</Code></Error>")],
    ["too many requests", answering(429)],
    ["a failure on AWS's side", failing(500, "InternalServerError")],
    ["an answer of a proxy", answering(503, "<html>")],
    ["a connection that breaks", cutting],
  ])("%s", async (_what, answer) => {
    inTurn(answer, answer);
    expect(await create()(call)).toEqual({ kind: "answered", text: "done" });
    expect(server.asked).toHaveLength(3);
  });

  test("no more often than the caller allows", async () => {
    server.answer = failing(400, "ThrottlingException");
    expect(await create()({ ...call, attempts: 2 })).toEqual({
      kind: "failed",
      code: "ThrottlingException",
      reason: "ThrottlingException",
      isPermanent: false,
    });
    expect(server.asked).toHaveLength(2);
  });

  test("no answer in time, with a time-out for each attempt", async () => {
    inTurn(() => undefined);
    expect(await create()({ ...call, timeoutMs: 300 })).toEqual({ kind: "answered", text: "done" });
  });
});

describe("there is no retry", () => {
  test.each([
    ["AccessDeniedException", failing(400, "AccessDeniedException")],
    ["ParameterNotFound", answering(400, "{}", { "x-amzn-errortype": "ParameterNotFound:http://internal/" })],
    ["AuthorizationError", answering(403, "<Error><Code>AuthorizationError</Code></Error>")],
  ])("for %s, which is reported by its name", async (code, answer) => {
    server.answer = answer;
    expect(await create()(call)).toEqual({ kind: "failed", code, reason: code, isPermanent: true });
    expect(server.asked).toHaveLength(1);
  });

  test("after the total time, however many attempts are left", async () => {
    server.answer = failing(500, "InternalServerError");
    const answer = await create()({ ...call, attempts: 100, maxTotalMs: 300 });
    expect(answer).toMatchObject({ kind: "failed", isPermanent: false });
    expect(server.asked.length).toBeGreaterThan(1);
    expect(server.asked.length).toBeLessThan(30);
  });

  test("for an answer without an error code, which is reported by its status", async () => {
    server.answer = answering(301, "elsewhere", { location: "http://169.254.169.254/" });
    expect(await create()(call)).toEqual({
      kind: "failed",
      code: null,
      reason: "an answer of status 301",
      isPermanent: true,
    });
    expect(server.asked).toHaveLength(1);
  });
});

test("only the error's name is reported, because AWS's message repeats the session token", async () => {
  server.answer = answering(
    400,
    JSON.stringify({ __type: "InvalidSignatureException", message: "x-amz-security-token:0123-secret" }),
  );
  const answer = await create({ AWS_SESSION_TOKEN: "0123-secret" })(call);
  expect(answer).toMatchObject({ code: "InvalidSignatureException" });
  expect(JSON.stringify(answer)).not.toContain("0123-secret");
});
