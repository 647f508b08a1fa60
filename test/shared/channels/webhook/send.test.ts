import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cloudEvent } from "../../../../shared/channels/webhook/cloud-event.ts";
import { webhook } from "../../../../shared/channels/webhook/send.ts";
import { webhookBody } from "../../../../shared/channels/webhook/webhook-body.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { at, channelContext, failure } from "../../../stand-ins/notices.ts";
import { root } from "../../../stand-ins/program.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(204);
});
afterAll(() => server.close());

const send = (secret?: string) =>
  webhook.send(
    { url: `${server.origin}/tagrelay`, ...(secret === undefined ? {} : { secret }) },
    failure,
    channelContext({ OPS_TOKEN: "key-7" }),
  );

test("a failure is JSON as documented", async () => {
  expect(await send()).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([
    { method: "POST", path: "/tagrelay", headers: { "x-tagrelay-delivery": failure.id } },
  ]);
  expect(server.asked[0]?.headers).not.toHaveProperty("x-tagrelay-signature-256");
  expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({
    id: "void-docker.20261121T020000000-k3f9a1/failed/1795230000000",
    event: "failed",
    pipeline: "void-docker",
    run: "void-docker.20261121T020000000-k3f9a1",
    at: "2026-11-21T03:00:00.000Z",
    since: "2026-11-20T03:00:00.000Z",
    title: "void-docker failed",
    text: "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)\nNot built because of that: step-2, latest.",
    steps: [
      {
        name: "step-1",
        reason: "GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)",
        attempts: 2,
        triedSince: null,
        build: null,
      },
    ],
    url: failure.url,
  });
});

test("the documented example has the fields that are sent, and no others", () => {
  const text = readFileSync(join(root, "docs/configuration.md"), "utf8");
  const example = JSON.parse(/^```json\n(.*?)^```/ms.exec(text)?.[1] ?? "");
  expect(Object.keys(example)).toEqual(Object.keys(webhookBody(failure)));
  expect(Object.keys(example.steps[0])).toEqual(Object.keys(webhookBody(failure).steps[0] ?? {}));
});

test("a step says since when it was tried, and a long reason does not cut off the link to its build", () => {
  const step = { attempts: 3, triedSince: at - 3_600_000, url: "https://builds.example.org/7" };
  const [line] = webhookBody({
    ...failure,
    steps: [{ ...step, name: "base", reason: "x".repeat(5_000) }],
  }).text.split("\n");
  expect(line).toMatch(
    /^• base, after 3 attempts since 2026-11-21 02:00 UTC: x+… https:\/\/builds\.example\.org\/7$/,
  );
});

test("with a secret the body is signed, and the secret is not sent", async () => {
  expect(await send("OPS_TOKEN")).toEqual({ kind: "delivered" });
  const [asked] = server.asked;
  const signature = createHmac("sha256", "key-7")
    .update(asked?.body ?? "")
    .digest("hex");
  expect(asked?.headers["x-tagrelay-signature-256"]).toBe(`sha256=${signature}`);
  expect(JSON.stringify(asked)).not.toContain("key-7");
});

test("if its secret is missing, nothing is sent", async () => {
  expect(await send("ANOTHER")).toMatchObject({
    reason: "the secret ANOTHER is missing",
    needsAttention: true,
  });
  expect(server.asked).toEqual([]);
});

test("a redirect is not followed", async () => {
  server.answer = answering(302, "", { location: "https://evil.example" });
  expect(await send("OPS_TOKEN")).toMatchObject({
    reason: expect.stringContaining("answered 302: redirects are not followed"),
    needsAttention: true,
  });
});

const attributes = new Ajv({ strict: false, allErrors: true });
formats.default(attributes);
/** The rules of the specification, version 1.0, and of its JSON format. */
const isCloudEvent = attributes.compile({
  type: "object",
  required: ["id", "source", "specversion", "type"],
  properties: {
    specversion: { const: "1.0" },
    id: { type: "string", minLength: 1 },
    source: { type: "string", format: "uri-reference", minLength: 1 },
    type: { type: "string", minLength: 1 },
    subject: { type: "string", minLength: 1 },
    time: { type: "string", format: "date-time" },
    datacontenttype: { const: "application/json" },
    data: {},
  },
  additionalProperties: false,
});

test("format: cloudevents sends the same JSON as a CloudEvent, signed as a whole", async () => {
  const settings = { url: `${server.origin}/tagrelay`, format: "cloudevents", secret: "OPS_TOKEN" } as const;
  expect(await webhook.send(settings, failure, channelContext({ OPS_TOKEN: "key-7" }))).toEqual({
    kind: "delivered",
  });
  const [asked] = server.asked;
  expect(asked?.headers["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
  expect(JSON.parse(asked?.body ?? "")).toEqual({
    specversion: "1.0",
    id: failure.id,
    source: "/tagrelay/pipelines/void-docker",
    type: "tagrelay.run.failed",
    subject: failure.runId,
    time: "2026-11-21T03:00:00.000Z",
    datacontenttype: "application/json",
    data: webhookBody(failure),
  });
  const signature = createHmac("sha256", "key-7")
    .update(asked?.body ?? "")
    .digest("hex");
  expect(asked?.headers["x-tagrelay-signature-256"]).toBe(`sha256=${signature}`);
});

test.each(["failed", "stalled", "recovered", "succeeded", "cancelled", "stale", "approval", "test"] as const)(
  "a notice %s is a valid CloudEvent, with and without a run",
  (subject) => {
    for (const about of [{}, { runId: null }, { runId: null, pipeline: null }]) {
      expect(
        isCloudEvent(cloudEvent({ ...failure, subject, ...about })),
        attributes.errorsText(isCloudEvent.errors),
      ).toBe(true);
    }
  },
);
