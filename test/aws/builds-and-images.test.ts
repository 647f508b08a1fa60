// Asks moto, as a second opinion on AWS's APIs, for tokens of ECR and for builds of CodeBuild.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CallAws, createCallAws } from "../../shared/aws/call-aws.ts";
import { lookUpBuilds } from "../../shared/builders/codebuild/look-up-builds.ts";
import { codebuildSettings } from "../../shared/builders/codebuild/settings.ts";
import { codebuild } from "../../shared/builders/codebuild/start.ts";
import { createLogInToEcr } from "../../shared/registries/ecr/log-in.ts";
import { awsEnvironment } from "../stand-ins/parameter-store.ts";
import { build, triggerContext } from "../stand-ins/trigger-context.ts";
import { startMoto } from "./moto.ts";

let moto: Awaited<ReturnType<typeof startMoto>>;
let callAws: CallAws;
beforeAll(async () => {
  moto = await startMoto();
  callAws = createCallAws({ ...awsEnvironment, AWS_ENDPOINT_URL: moto.endpoint });
  const project = {
    name: "images",
    source: { type: "S3", location: "bucket/source.zip" },
    artifacts: { type: "NO_ARTIFACTS" },
    environment: {
      type: "LINUX_CONTAINER",
      image: "aws/codebuild/standard:7.0",
      computeType: "BUILD_GENERAL1_SMALL",
    },
    serviceRole: "arn:aws:iam::123456789012:role/service-role/images",
  };
  const created = await callAws({
    service: "codebuild",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "CodeBuild_20161006.CreateProject",
    },
    body: JSON.stringify(project),
    timeoutMs: 10_000,
    attempts: 1,
    maxTotalMs: 10_000,
  });
  expect(created).toMatchObject({ kind: "answered" });
}, 60_000);
afterAll(() => moto.close());

const context = () => ({ ...triggerContext({}, {}), callAws });

test("ECR gives a login for a registry", async () => {
  const logIn = createLogInToEcr(callAws, Date.now);
  const login = await logIn("123456789012.dkr.ecr.eu-west-1.amazonaws.com");
  expect(login).toMatchObject({ username: "AWS", password: expect.stringMatching(/./) });
  // moto's tokens have expired long ago.
  expect(login?.untilMs).toBeGreaterThan(Date.UTC(2014));
});

test("CodeBuild starts a build, tells how it ended, and stops one that it knows", async () => {
  const settings = codebuildSettings.parse({ project: "images", variables: { CONTEXT: "{step}" } });
  const started = await codebuild.start(settings, build, context());
  expect(started).toMatchObject({
    kind: "accepted",
    build: {
      id: expect.stringMatching(/^images:/),
      url: expect.stringMatching(/^https:\/\/eu-west-1\.console/),
    },
  });
  if (started.kind !== "accepted" || started.build === null) throw new Error("expected a build");
  const { id } = started.build;
  // moto ends a build when it is asked about it.
  const gone = `${id.slice(0, -1)}${id.endsWith("0") ? 1 : 0}`;
  expect(await lookUpBuilds(callAws, undefined, [id, gone])).toEqual([
    { kind: "ended", end: { kind: "succeeded" } },
    { kind: "unknown", reason: "CodeBuild does not know the build" },
  ]);
  await codebuild.stop?.(settings, started.build, context());
  await expect(codebuild.stop?.(settings, { id: "images:gone", url: null }, context())).rejects.toThrow(
    "CodeBuild: ResourceNotFoundException",
  );
});

test("a project that does not exist is named", async () => {
  const settings = codebuildSettings.parse({ project: "missing" });
  expect(await codebuild.start(settings, build, context())).toMatchObject({
    kind: "rejected",
    reason: expect.stringContaining("there is no project missing"),
  });
});
