// Publishes to a server that answers as SNS does.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createCallAws } from "../../../../shared/aws/call-aws.ts";
import { createPublish } from "../../../../shared/channels/sns/publish.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { awsEnvironment } from "../../../stand-ins/parameter-store.ts";

const stackTopic = "arn:aws:sns:eu-west-1:123456789012:Failures";
const xml = { "content-type": "text/xml" };
const published =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult><ResponseMetadata><RequestId>f187a3c1-376f-11df-8963-01868b7c937a</RequestId></ResponseMetadata></PublishResponse>';
const error = (code: string) =>
  `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error><RequestId>f187a3c1</RequestId></ErrorResponse>`;

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
const createPublisher = (topic: string | null = stackTopic) =>
  createPublish(createCallAws({ ...awsEnvironment, AWS_ENDPOINT_URL: server.origin }), topic);
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, published, xml);
});
afterAll(async () => {
  await server.close();
});

const message = { subject: "Tagrelay: p failed", text: "p failed\n\n• a: broken" };

test("a message goes to the stack's topic, or to another one in its own region", async () => {
  const publish = createPublisher();
  expect(await publish(null, message)).toEqual({ kind: "delivered" });
  expect(await publish("arn:aws:sns:us-east-1:123456789012:ops", message)).toEqual({ kind: "delivered" });
  expect(server.asked.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))).toMatchObject([
    { Action: "Publish", TopicArn: stackTopic, Subject: message.subject, Message: message.text },
    { Action: "Publish", TopicArn: "arn:aws:sns:us-east-1:123456789012:ops" },
  ]);
  const regions = server.asked.map(
    ({ headers }) => /\/([\w-]+)\/sns\//.exec(String(headers.authorization))?.[1],
  );
  expect(regions).toEqual(["eu-west-1", "us-east-1"]);
});

test.each([
  [404, "NotFound", "SNS: the topic does not exist (NotFoundException)"],
  [
    403,
    "AuthorizationError",
    "SNS: the function has no permission to publish to the topic (AuthorizationErrorException)",
  ],
  [
    400,
    "InvalidParameter",
    "SNS: it rejected the message, or the ARN is not that of a topic (InvalidParameterException)",
  ],
])("%i %s needs somebody's attention", async (status, code, reason) => {
  server.answer = answering(status, error(code), xml);
  expect(await createPublisher()(null, message)).toMatchObject({
    kind: "failed",
    reason,
    needsAttention: true,
  });
});

test("a temporary failure of AWS is retried once at once, and again later", async () => {
  server.answer = answering(500, error("InternalError"), xml);
  expect(await createPublisher()(null, message)).toEqual({
    kind: "failed",
    reason: "SNS: InternalError",
    retryAfterMs: null,
    needsAttention: false,
  });
  expect(server.asked).toHaveLength(2);
});

test("a stack without a topic is reported", async () => {
  expect(await createPublisher(null)(null, message)).toMatchObject({
    reason: "expected the stack to have a topic, found none; deploy the stack again",
    needsAttention: true,
  });
  expect(server.asked).toEqual([]);
});
