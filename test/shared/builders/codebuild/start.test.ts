import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { codebuildSettings } from "../../../../shared/builders/codebuild/settings.ts";
import { codebuild } from "../../../../shared/builders/codebuild/start.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../../../stand-ins/any-server.ts";
import { build, triggerContext } from "../../../stand-ins/trigger-context.ts";

const id = "images:8745a7a9-c340-456a-9166-edf953571bee";
const arn = `arn:aws:codebuild:eu-west-1:111122223333:build/${id}`;
const started = answering(200, JSON.stringify({ build: { id, arn, buildNumber: 7 } }));

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.answer = started;
  server.asked.length = 0;
});
afterAll(() => server.close());

const context = () => triggerContext({ others: server.origin }, {});
const start = (settings: object = {}, changed: object = {}) =>
  codebuild.start(
    codebuildSettings.parse({ project: "images", ...settings }),
    { ...build, ...changed },
    context(),
  );
const bodies = () => server.asked.map(({ body }) => JSON.parse(body));

test("a build is started with the image, the run and the configured variables in its environment", async () => {
  const base = {
    step: "base",
    image: "acme/base:1",
    digest: null,
    pinned: "acme/base@sha256:1",
    isDirect: true,
  };
  const variables = { CONTEXT: "images/{step}" };
  expect(await start({ ref: "v1", variables }, { bases: [base] })).toEqual({
    kind: "accepted",
    build: {
      id,
      url: "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/111122223333/projects/images/build/images%3A8745a7a9-c340-456a-9166-edf953571bee/log?region=eu-west-1",
    },
  });
  expect(server.asked[0]?.headers).toMatchObject({ "x-amz-target": "CodeBuild_20161006.StartBuild" });
  const [{ environmentVariablesOverride, ...body }] = bodies();
  expect(body).toEqual({
    projectName: "images",
    sourceVersion: "v1",
    idempotencyToken: "p.run-1.1.cw",
  });
  const plain = (name: string, value: string) => ({ name, value, type: "PLAINTEXT" });
  expect(environmentVariablesOverride).toEqual([
    plain("CONTEXT", "images/s"),
    plain("TAGRELAY_IMAGE", "acme/chain:step-1"),
    plain("TAGRELAY_TAGS", "acme/chain:step-1"),
    plain("TAGRELAY_PINS", "acme/base:1=docker-image://acme/base@sha256:1"),
    plain("TAGRELAY_BASE", "acme/base@sha256:1"),
    plain("TAGRELAY_RUN", "p.run-1"),
    plain("TAGRELAY_STEP", "s"),
    plain("TAGRELAY_ATTEMPT", "1"),
  ]);
});

test("a lost answer is asked for again with the same token, and only another attempt has another", async () => {
  server.answer = (response) => {
    server.answer = started;
    cutting(response);
  };
  expect(await start()).toMatchObject({ kind: "accepted", build: { id } });
  await start({}, { attempt: 2 });
  await start({}, { step: "t" });
  await start({}, { runId: "p.run-2" });
  const [first, again, ...others] = bodies().map(({ idempotencyToken }) => idempotencyToken);
  expect(again).toBe(first);
  expect(new Set([first, ...others]).size).toBe(4);
});

test("the job of a gate has no image", async () => {
  await start({}, { image: null });
  const names = bodies()[0].environmentVariablesOverride.map(({ name }: { name: string }) => name);
  expect(names).toContain("TAGRELAY_RUN");
  expect(names).not.toContain("TAGRELAY_IMAGE");
  expect(names).not.toContain("TAGRELAY_TAGS");
});

describe("an answer of CodeBuild", () => {
  const failing = (type: string, status = 400) => answering(status, JSON.stringify({ __type: type }));
  test.each([
    [answering(200, "{}"), { kind: "accepted", build: null }],
    [cutting, { kind: "unknown", reason: expect.stringMatching(/^CodeBuild: /) }],
    [
      failing("ResourceNotFoundException"),
      { kind: "rejected", reason: "CodeBuild: ResourceNotFoundException: there is no project images" },
    ],
    [
      failing("AccessDeniedException"),
      {
        kind: "rejected",
        reason: "CodeBuild: AccessDeniedException: codebuild:StartBuild is not allowed on the project images",
      },
    ],
    [
      failing("AccountLimitExceededException"),
      {
        kind: "refused",
        reason: "CodeBuild: AccountLimitExceededException: too many builds are running",
        retryAfterMs: 60_000,
      },
    ],
    [
      failing("ThrottlingException"),
      { kind: "refused", reason: "CodeBuild: ThrottlingException", retryAfterMs: null },
    ],
  ])("%# means what it says", async (answer, outcome) => {
    server.answer = answer;
    expect(await start()).toEqual(outcome);
  });
});

test("without credentials for AWS, nothing is sent", async () => {
  const settings = codebuildSettings.parse({ project: "images" });
  expect(await codebuild.start(settings, build, { ...context(), callAws: null })).toEqual({
    kind: "rejected",
    reason:
      "expected AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION in the environment, found no credentials for AWS",
  });
  expect(server.asked).toEqual([]);
});

test("a build is stopped by its id, and a failure is an error", async () => {
  const settings = codebuildSettings.parse({ project: "images" });
  await codebuild.stop?.(settings, { id, url: null }, context());
  expect(server.asked).toMatchObject([
    { headers: { "x-amz-target": "CodeBuild_20161006.StopBuild" }, body: JSON.stringify({ id }) },
  ]);
  server.answer = answering(400, '{"__type":"AccessDeniedException"}');
  await expect(codebuild.stop?.(settings, { id, url: null }, context())).rejects.toThrow(
    "CodeBuild: AccessDeniedException",
  );
});

test.each([
  [{ project: "a/b" }, "expected a project's name"],
  [{ project: "images", region: "Ireland" }, "expected a region such as eu-west-1"],
  [{ project: "images", variables: { TAGRELAY_RUN: "x" } }, "begins with neither CODEBUILD_ nor TAGRELAY_"],
  [{ project: "images", variables: { A: "{secret:B}" } }, "expected one of the placeholders"],
])("the settings %j are refused", (settings, words) => {
  expect(() => codebuildSettings.parse(settings)).toThrow(words);
});
