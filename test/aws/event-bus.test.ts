// Asks moto, as a second opinion on AWS's APIs, to take a notice as an event, and to archive what a rule would see.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CallAws, createCallAws } from "../../shared/aws/call-aws.ts";
import { eventbridge } from "../../shared/channels/eventbridge/send.ts";
import { channelContext, failure } from "../stand-ins/notices.ts";
import { awsEnvironment } from "../stand-ins/parameter-store.ts";
import { startMoto } from "./moto.ts";

let moto: Awaited<ReturnType<typeof startMoto>>;
let callAws: CallAws;
const ask = (operation: string, body: object) =>
  callAws({
    service: "events",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AWSEvents.${operation}` },
    body: JSON.stringify(body),
    timeoutMs: 10_000,
    attempts: 1,
    maxTotalMs: 10_000,
  });
beforeAll(async () => {
  moto = await startMoto();
  callAws = createCallAws({ ...awsEnvironment, AWS_ENDPOINT_URL: moto.endpoint });
}, 60_000);
afterAll(() => moto.close());

test("EventBridge takes a notice, and a rule on its source and detail-type sees it", async () => {
  expect(await ask("CreateEventBus", { Name: "ops" })).toMatchObject({ kind: "answered" });
  const archive = {
    ArchiveName: "failures",
    EventSourceArn: "arn:aws:events:eu-west-1:123456789012:event-bus/ops",
    EventPattern: JSON.stringify({ source: ["tagrelay"], "detail-type": ["tagrelay.run.failed"] }),
  };
  expect(await ask("CreateArchive", archive)).toMatchObject({ kind: "answered" });
  const context = { ...channelContext({}), callAws };
  expect(await eventbridge.send({ bus: "ops" }, failure, context)).toEqual({ kind: "delivered" });
  expect(await eventbridge.send({ bus: "ops" }, { ...failure, subject: "test" }, context)).toEqual({
    kind: "delivered",
  });
  const described = await ask("DescribeArchive", { ArchiveName: "failures" });
  expect(JSON.parse(described.kind === "answered" ? described.text : "{}")).toMatchObject({ EventCount: 1 });
});
