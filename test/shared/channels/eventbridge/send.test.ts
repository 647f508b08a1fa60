// Puts events on a server that answers as EventBridge does.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createCallAws } from "../../../../shared/aws/call-aws.ts";
import { eventbridge } from "../../../../shared/channels/eventbridge/send.ts";
import { webhookBody } from "../../../../shared/channels/webhook/webhook-body.ts";
import type { Notice } from "../../../../shared/kinds/channel.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { at, channelContext, failure, saying } from "../../../stand-ins/notices.ts";
import { awsEnvironment } from "../../../stand-ins/parameter-store.ts";

const put = JSON.stringify({
  FailedEntryCount: 0,
  Entries: [{ EventId: "11710aed-b79e-4468-a20b-bb3c0c3b4860" }],
});

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, put);
});
afterAll(() => server.close());

const send = (notice: Notice, bus?: string) =>
  eventbridge.send(bus === undefined ? {} : { bus }, notice, {
    ...channelContext({}),
    callAws: createCallAws({ ...awsEnvironment, AWS_ENDPOINT_URL_EVENTBRIDGE: server.origin }),
  });
const entries = () => server.asked.map(({ body }) => JSON.parse(body).Entries[0]);

test("a notice is an event on the default bus, with the JSON of the webhook channel", async () => {
  expect(await send(failure)).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([
    { headers: { "x-amz-target": "AWSEvents.PutEvents", "content-type": "application/x-amz-json-1.1" } },
  ]);
  const [entry] = entries();
  expect(entry).toEqual({
    EventBusName: "default",
    Source: "tagrelay",
    DetailType: "tagrelay.run.failed",
    Detail: expect.any(String),
    Time: at / 1_000,
  });
  expect(JSON.parse(entry.Detail)).toEqual(webhookBody(failure));
});

test("a bus has a name, or an ARN with the region that it is in", async () => {
  await send(failure, "ops");
  await send(failure, "arn:aws:events:us-east-1:123456789012:event-bus/ops");
  expect(entries().map(({ EventBusName }) => EventBusName)).toEqual([
    "ops",
    "arn:aws:events:us-east-1:123456789012:event-bus/ops",
  ]);
  const regions = server.asked.map(
    ({ headers }) => /\/([\w-]+)\/events\//.exec(String(headers.authorization))?.[1],
  );
  expect(regions).toEqual(["eu-west-1", "us-east-1"]);
});

test("steps that do not fit into 256 KB are left out and counted", async () => {
  const notice = saying(...Array.from({ length: 500 }, () => "é".repeat(1_900)));
  await send(notice);
  const [entry] = entries();
  expect(Buffer.byteLength(`${entry.Source}${entry.DetailType}${entry.Detail}`) + 14).toBeLessThan(262_144);
  const { steps, stepsLeftOut } = JSON.parse(entry.Detail);
  expect(steps.length).toBeGreaterThan(20);
  expect(steps.length + stepsLeftOut).toBe(500);
  await send(saying("short"));
  expect(JSON.parse(entries()[1].Detail)).not.toHaveProperty("stepsLeftOut");
  await send({ ...notice, stepsLeftOut: 7 });
  const { steps: fewer, stepsLeftOut: all } = JSON.parse(entries()[2].Detail);
  expect(fewer.length + all).toBe(507);
});

const entryError = (code: string) =>
  JSON.stringify({ FailedEntryCount: 1, Entries: [{ ErrorCode: code, ErrorMessage: "no" }] });
test.each<[string, number, string, string, boolean]>([
  [
    "an entry that is refused for now",
    200,
    entryError("InternalFailure"),
    "EventBridge: InternalFailure",
    false,
  ],
  [
    "an entry that is refused for good",
    200,
    entryError("NotAuthorizedForSourceException"),
    "EventBridge: the bus does not accept the source tagrelay (NotAuthorizedForSourceException)",
    true,
  ],
  [
    "a request without permission",
    400,
    JSON.stringify({ __type: "AccessDeniedException" }),
    "EventBridge: events:PutEvents is not allowed on the bus (AccessDeniedException)",
    true,
  ],
  [
    "an answer of something else",
    200,
    "<html>",
    "EventBridge: expected FailedEntryCount and Entries in the answer (not shown)",
    false,
  ],
])("%s is a failure", async (_what, status, text, reason, needsAttention) => {
  server.answer = answering(status, text);
  expect(await send(failure)).toMatchObject({ kind: "failed", reason, needsAttention });
});

test("without credentials, it says what to set", async () => {
  expect(await eventbridge.send({}, failure, channelContext({}))).toMatchObject({
    needsAttention: true,
    reason: expect.stringContaining("AWS_ACCESS_KEY_ID"),
  });
});
