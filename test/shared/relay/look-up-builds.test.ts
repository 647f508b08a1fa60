// The sweep makes up for ends of builds of CodeBuild that EventBridge has not delivered, and asks for many at once.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CallAws } from "../../../shared/aws/call-aws.ts";
import { apply } from "../../../shared/relay/apply.ts";
import { newRunId, type Relay } from "../../../shared/relay/relay.ts";
import { sweep } from "../../../shared/relay/sweep.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

const minute = 60_000;
const pipelineCount = 26;
const codebuild = {
  trigger: { codebuild: { project: "images" } },
  verify: "off",
  retries: 0,
  timeout: "20m",
};
const names = Array.from({ length: pipelineCount }, (_, index) => `p${index}`);

let fixture: Fixture;
let relay: Relay;
let statusOf: (id: string) => string;
let calls: { operation: string; ids: number }[];
let isFailing: boolean;

/** Knows the builds by the step and the pipeline that they are for. */
const callAws: CallAws = async ({ headers, body }) => {
  const operation = String(headers["x-amz-target"]).split(".")[1] ?? "";
  const { ids = [], environmentVariablesOverride = [] } = JSON.parse(body);
  calls.push({ operation, ids: ids.length });
  const arnOf = (id: string) => `arn:aws:codebuild:eu-west-1:111122223333:build/${id}`;
  if (operation === "StartBuild") {
    const variable = (name: string) =>
      environmentVariablesOverride.find((one: { name: string }) => one.name === name)?.value;
    const id = `images:${variable("TAGRELAY_RUN").split(".")[0]}-${variable("TAGRELAY_STEP")}`;
    return { kind: "answered", text: JSON.stringify({ build: { id, arn: arnOf(id) } }) };
  }
  if (isFailing) return { kind: "failed", code: null, reason: "no answer", isPermanent: false };
  const builds = ids.map((id: string) => ({ id, arn: arnOf(id), buildStatus: statusOf(id) }));
  return { kind: "answered", text: JSON.stringify({ builds }) };
};

beforeEach(async () => {
  const steps = { sequence: [["a", "b", "c", "d", "e"], "last"] };
  fixture = await startFixture(
    Object.fromEntries(names.map((name) => [name, { ...codebuild, image: `acme/${name}`, ...steps }])),
  );
  relay = { ...fixture.relay, builderContext: { ...fixture.relay.builderContext, callAws } };
  calls = [];
  statusOf = () => "IN_PROGRESS";
  isFailing = false;
});
afterEach(() => fixture.stop());

async function start(name: string) {
  const pipeline = relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected the pipeline ${name}`);
  const run = newRunId(relay, pipeline);
  await apply(relay, pipeline, { kind: "runRequested", newRunId: run, cause: "manual", from: null });
}
const lookUps = () => calls.filter(({ operation }) => operation === "BatchGetBuilds").map(({ ids }) => ids);
const statesOf = async (name: string) =>
  (await relay.store.load(name)).state.run?.steps.map(({ state }) => state) ?? [];
const sweepAfter = (ms: number) => {
  fixture.later(ms);
  return sweep(relay);
};

test("130 builds of 26 pipelines are looked up by two requests a quarter of an hour", async () => {
  await Promise.all(names.map(start));
  await sweepAfter(minute);
  expect(lookUps()).toEqual([]);
  await sweepAfter(15 * minute);
  expect(lookUps()).toEqual([100, 30]);
  await sweepAfter(minute);
  expect(lookUps()).toEqual([100, 30]);
});

test("a run goes on and another fails by what CodeBuild says, without any event", async () => {
  await start("p0");
  await start("p1");
  statusOf = (id) => (id === "images:p1-c" ? "FAILED" : "SUCCEEDED");
  await sweepAfter(15 * minute + 1_000);
  expect(await statesOf("p0")).toEqual(["done", "done", "done", "done", "done", "building"]);
  expect(await statesOf("p1")).toEqual(["done", "done", "failed", "done", "done", "skipped"]);
  const lines = fixture.logLines.map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({ event: "build.lookedUp", build: "images:p1-c", answer: "failed" }),
  );
});

test("a build that ended just before its time-out counts", async () => {
  await start("p0");
  await sweepAfter(16 * minute);
  statusOf = () => "SUCCEEDED";
  await sweepAfter(10 * minute);
  expect((await statesOf("p0")).slice(0, 5)).toEqual(["done", "done", "done", "done", "done"]);
});

test("a build that does not end fails its step in time, also while CodeBuild does not answer", async () => {
  await start("p0");
  await start("p1");
  await sweepAfter(16 * minute);
  await sweepAfter(6 * minute);
  expect(await statesOf("p0")).toEqual([...Array(5).fill("failed"), "skipped"]);
  isFailing = true;
  await start("p2");
  for (let turn = 0; turn < 30; turn += 1) await sweepAfter(2 * minute);
  const { run } = (await relay.store.load("p2")).state;
  expect(run?.steps[0]).toMatchObject({
    reason: "not ended in time, triggered once; its builder could not be asked (CodeBuild: no answer)",
  });
});
