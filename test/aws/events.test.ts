// Pushes to ECR and the ends of builds of CodeBuild, from EventBridge to the next step, on the bundles that would be uploaded.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "../../shared/run/state.ts";
import { createDynamodbClient } from "../../shared/store/dynamodb/client.ts";
import { createRequests } from "../../shared/store/dynamodb/requests.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import type { StandInBuild } from "./codebuild-stand-in.ts";
import { type LocalStack, startLocalStack } from "./local-stack.ts";

const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const common = {
  trigger: { codebuild: { project: "images" } },
  verify: "off",
  retries: 0,
  schedule: { every: "6h" },
};
let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({
    family: { ...common, image: "acme/family", sequence: ["base", "api"] },
    failing: { ...common, image: "acme/failing", sequence: ["base", "api"] },
    lost: { ...common, image: "acme/lost", sequence: ["base", "api"] },
    // No registry can be asked here.
    pushed: {
      ...common,
      done: "pushed",
      confirm: "webhook",
      image: `${ecr}/acme/pushed`,
      sequence: ["base", "api"],
    },
  });
}, 120_000);
afterAll(() => stack.stop());

const answered = { kind: "answered", payload: null };
const end = (build: StandInBuild, status: string) => stack.emit(stack.services.codebuild.end(build, status));
const buildsOf = (pipeline: string) =>
  stack.services.codebuild.builds.filter(({ variables }) =>
    variables.get("TAGRELAY_IMAGE")?.replace(`${ecr}/`, "").startsWith(`acme/${pipeline}:`),
  );
const buildOf = (pipeline: string, step: string): StandInBuild => {
  const build = buildsOf(pipeline).find(({ variables }) => variables.get("TAGRELAY_STEP") === step);
  if (build === undefined)
    throw new Error(`expected a build of ${step}, found ${buildsOf(pipeline).length} builds`);
  return build;
};

/** Reads the active or last run, without the rights of a function. `change`, if there is one, is stored. */
async function runOf(pipeline: string, change?: (run: Run) => Run): Promise<Run | null> {
  const client = createDynamodbClient(stack.engine);
  const tableName = stack.deployment.tables[0]?.TableName ?? "";
  const requests = createRequests(client);
  const store = createDynamodbStore({ requests, tableName, historyMs: 86_400_000, clock: Date.now });
  const loaded = await store.load(pipeline);
  const { run } = loaded.state;
  if (run !== null && change !== undefined) {
    await store.save(pipeline, loaded, { ...loaded.state, run: change(run) }, null);
  }
  client.destroy();
  return run;
}
const statesOf = async (pipeline: string) => (await runOf(pipeline))?.steps.map(({ state }) => state);

test("a build that has succeeded starts the build of the next step, once", async () => {
  expect(await stack.turn('"start":"family"')).toEqual(answered);
  expect(buildsOf("family")).toHaveLength(1);
  const base = buildOf("family", "base");
  expect(base).toMatchObject({ project: "images" });
  expect(base.variables.get("TAGRELAY_IMAGE")).toBe("acme/family:base");

  expect(await end(base, "IN_PROGRESS")).toEqual([]);
  expect(buildsOf("family")).toHaveLength(1);
  expect(await end(base, "SUCCEEDED")).toEqual([answered]);
  expect(await statesOf("family")).toEqual(["done", "building"]);
  // EventBridge delivers at least once.
  expect(await end(base, "SUCCEEDED")).toEqual([answered]);
  expect(buildsOf("family")).toHaveLength(2);

  expect(await end(buildOf("family", "api"), "SUCCEEDED")).toEqual([answered]);
  expect(await runOf("family")).toMatchObject({ status: "succeeded" });
});

test("a build that has failed fails its step at once, with a link to its log", async () => {
  await stack.turn('"start":"failing"');
  expect(await end(buildOf("failing", "base"), "FAILED")).toEqual([answered]);
  expect(await runOf("failing")).toMatchObject({
    status: "failed",
    steps: [
      { state: "failed", reason: expect.stringMatching(/^CodeBuild: FAILED in BUILD \(https:\S+\/log/) },
      { state: "skipped" },
    ],
  });
});

test("a push to ECR starts the build of the next step, once", async () => {
  const pushOf = (repository: string, tag: string) => ({
    version: "0",
    id: "13cde686-328b-6117-af20-0e5566167482",
    "detail-type": "ECR Image Action",
    source: "aws.ecr",
    account: "123456789012",
    time: new Date().toISOString(),
    region: "eu-west-1",
    resources: [],
    detail: {
      result: "SUCCESS",
      "repository-name": repository,
      "image-digest": `sha256:${"a".repeat(64)}`,
      "action-type": "PUSH",
      "image-tag": tag,
    },
  });
  await stack.turn('"start":"pushed"');
  // The build's own end is not enough.
  await end(buildOf("pushed", "base"), "SUCCEEDED");
  expect(await statesOf("pushed")).toEqual(["building", "waiting"]);
  expect(await stack.emit(pushOf("acme/other", "base"))).toEqual([]);
  expect(await stack.emit(pushOf("acme/pushed", "base"))).toEqual([answered]);
  expect(await stack.emit(pushOf("acme/pushed", "base"))).toEqual([answered]);
  expect(await statesOf("pushed")).toEqual(["done", "building"]);
  expect(buildsOf("pushed")).toHaveLength(2);
});

test("EventBridge passes on no event of a project that no trigger names", async () => {
  const event = stack.services.codebuild.end({ ...buildOf("family", "base"), project: "other" }, "SUCCEEDED");
  expect(await stack.emit(event)).toEqual([]);
});

test("a build whose event is lost is looked up by the sweep, by one request for all that are due", async () => {
  await stack.turn('"start":"lost"');
  await stack.turn('"start":"failing"', "2026-11-21T03:00:00Z");
  const builds = stack.services.codebuild.builds.filter(({ id }) =>
    [buildOf("lost", "base"), buildsOf("failing").at(-1)].some((build) => build?.id === id),
  );
  expect(builds.map(({ status }) => status)).toEqual(["IN_PROGRESS", "IN_PROGRESS"]);
  for (const build of builds) build.status = "SUCCEEDED";
  stack.services.calls.length = 0;
  const lookUps = () => stack.services.calls.filter((call) => call === "codebuild:BatchGetBuilds");

  expect(await stack.turn('"sweep"')).toEqual(answered);
  expect(lookUps()).toEqual([]);
  const aQuarterLater = (run: Run): Run => ({
    ...run,
    steps: run.steps.map((step) => (step.state === "building" ? { ...step, wakeAt: Date.now() - 1 } : step)),
  });
  await runOf("lost", aQuarterLater);
  await runOf("failing", aQuarterLater);
  expect(await stack.turn('"sweep"')).toEqual(answered);
  expect(lookUps()).toHaveLength(1);
  expect(await statesOf("lost")).toEqual(["done", "building"]);
  expect(await statesOf("failing")).toEqual(["done", "building"]);
  expect(await stack.turn('"sweep"')).toEqual(answered);
  expect(lookUps()).toHaveLength(1);
});

test("the rights of the template sufficed", () => {
  expect(stack.services.violations).toEqual([]);
  expect(stack.deadLetters).toEqual([]);
});
