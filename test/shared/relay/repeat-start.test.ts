// A start of CodeBuild whose answer is lost is repeated unchanged, so that CodeBuild answers with the build that it has started.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AwsAnswer, CallAws } from "../../../shared/aws/call-aws.ts";
import { apply } from "../../../shared/relay/apply.ts";
import { newRunId, type Relay } from "../../../shared/relay/relay.ts";
import { sweep } from "../../../shared/relay/sweep.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

const second = 1_000;
const minute = 60 * second;
const arnOf = (id: string) => `arn:aws:codebuild:eu-west-1:111122223333:build/${id}`;
const lost: AwsAnswer = { kind: "failed", code: null, reason: "no answer", isPermanent: false };
const throttled: AwsAnswer = {
  kind: "failed",
  code: "ThrottlingException",
  reason: "ThrottlingException",
  isPermanent: false,
};

let fixture: Fixture;
let relay: Relay;
/** What comes instead of the answers. */
let instead: AwsAnswer[];
let requests: string[];
/** The builds by their tokens. */
let builds: Map<string, string>;
let status: string;

const callAws: CallAws = async ({ headers, body }) => {
  const { idempotencyToken: token, ids = [] } = JSON.parse(body);
  if (String(headers["x-amz-target"]).endsWith("BatchGetBuilds")) {
    const found = ids.map((id: string) => ({ id, arn: arnOf(id), buildStatus: status }));
    return { kind: "answered", text: JSON.stringify({ builds: found }) };
  }
  requests.push(body);
  const other = instead.shift();
  if (other === throttled) return other;
  const id = builds.get(token) ?? `images:${builds.size + 1}`;
  builds.set(token, id);
  return other ?? { kind: "answered", text: JSON.stringify({ build: { id, arn: arnOf(id) } }) };
};

beforeEach(async () => {
  const trigger = { codebuild: { project: "images", variables: { NUMBER: "{attempt}" } } };
  fixture = await startFixture({
    p: { trigger, verify: "off", retries: 1, timeout: "2h", sequence: ["acme/p:1"] },
  });
  relay = { ...fixture.relay, builderContext: { ...fixture.relay.builderContext, callAws } };
  instead = [];
  requests = [];
  builds = new Map();
  status = "IN_PROGRESS";
});
afterEach(() => fixture.stop());

async function start() {
  const pipeline = relay.pipelines.get("p");
  if (pipeline === undefined) throw new Error("expected the pipeline");
  await apply(relay, pipeline, {
    kind: "runRequested",
    newRunId: newRunId(relay, pipeline),
    cause: "manual",
    from: null,
  });
}
const step = async () => (await relay.store.load("p")).state.run?.steps[0];
async function sweepAfter(ms: number) {
  fixture.later(ms);
  await sweep(relay);
}

test("an answer that is lost leads to one build, whose id the repetition gets", async () => {
  instead = [lost];
  await start();
  expect(await step()).toMatchObject({ state: "due", phase: "awaitingOutcome" });
  await sweepAfter(minute);
  expect(await step()).toMatchObject({ state: "building", attempts: 2, build: { id: "images:1" } });
  expect(requests).toHaveLength(2);
  expect(requests[1]).toBe(requests[0]);
  expect(builds.size).toBe(1);
});

test("however often answers are lost or refused, the request stays the same", async () => {
  instead = [lost, throttled, lost, throttled];
  await start();
  for (let turn = 0; turn < 8; turn += 1) await sweepAfter(minute);
  expect(await step()).toMatchObject({ state: "building", build: { id: "images:1" } });
  expect(requests).toHaveLength(5);
  expect(new Set(requests).size).toBe(1);
});

test("a build that has failed is built again by a new request", async () => {
  instead = [lost];
  await start();
  await sweepAfter(minute);
  status = "FAILED";
  await sweepAfter(16 * minute);
  status = "IN_PROGRESS";
  await sweepAfter(2 * minute);
  expect(await step()).toMatchObject({ state: "building", build: { id: "images:2" } });
  expect(builds.size).toBe(2);
});

test("a refusal without a lost answer before it is followed by a new request", async () => {
  instead = [throttled];
  await start();
  await sweepAfter(minute);
  expect(await step()).toMatchObject({ state: "building", attempts: 2 });
  expect(requests[1]).not.toBe(requests[0]);
});
