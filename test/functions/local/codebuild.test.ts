// The program starts builds of CodeBuild with credentials from its environment, and asks how they ended.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { type InProcess, startInProcess } from "../../stand-ins/in-process.ts";
import { awsEnvironment } from "../../stand-ins/parameter-store.ts";
import { type Folder, makeFolder, spawnProgram, until } from "../../stand-ins/program.ts";

const trigger = { codebuild: { project: "images" } };
const pipelines = { p: { trigger, retries: 0, verify: "off", sequence: ["acme/p:1", "acme/p:2"] } };
const arnOf = (id: string) => `arn:aws:codebuild:eu-west-1:111122223333:build/${id}`;

let folder: Folder;
let aws: AnyServer;
let statuses: string[];
let program: InProcess | null = null;
beforeEach(async () => {
  folder = makeFolder();
  aws = await startAnyServer();
  aws.answer = (response) => {
    const asked = aws.asked.at(-1);
    const { ids = [], environmentVariablesOverride = [] } = JSON.parse(asked?.body ?? "{}");
    const image = environmentVariablesOverride.find(
      ({ name }: { name: string }) => name === "TAGRELAY_IMAGE",
    );
    const started = `images:${image?.value.replace(/\W/g, "-")}`;
    const builds = ids.map((id: string) => ({
      id,
      arn: arnOf(id),
      projectName: "images",
      buildStatus: statuses.shift() ?? "SUCCEEDED",
      phases: [{ phaseType: "BUILD", phaseStatus: "FAILED" }],
    }));
    const isStart = String(asked?.headers["x-amz-target"]).endsWith("StartBuild");
    const answer = isStart ? { build: { id: started, arn: arnOf(started) } } : { builds };
    answering(200, JSON.stringify(answer))(response);
  };
});
afterEach(async () => {
  await program?.stop();
  program = null;
  await aws.close();
  folder.remove();
});

async function runToTheEnd(...builds: string[]) {
  statuses = builds;
  const args = ["--live", "--data", folder.data, "--config", folder.config(pipelines)];
  program = await startInProcess(args, { ...awsEnvironment, AWS_ENDPOINT_URL: aws.origin });
  const { body: run } = await program.api("POST", "/pipelines/p/runs");
  const read = async () => (await program?.api("GET", `/runs/${run.id}`))?.body;
  await until(async () => (await read()).status !== "running", "the run ends", 50_000);
  return read();
}
const callsOf = (operation: string) =>
  aws.asked.filter(({ headers }) => headers["x-amz-target"] === `CodeBuild_20161006.${operation}`);

test("a run goes on when a build has succeeded", async () => {
  expect(await runToTheEnd("IN_PROGRESS")).toMatchObject({ status: "succeeded" });
  expect(callsOf("StartBuild")).toHaveLength(2);
}, 60_000);

test("a build that failed fails its step, with a link to its log", async () => {
  expect(await runToTheEnd("FAILED")).toMatchObject({
    status: "failed",
    steps: [
      { reason: expect.stringMatching(/^CodeBuild: FAILED in BUILD \(https:\S+images%3Aacme-p-1\/log/) },
      {},
    ],
  });
}, 60_000);

test("without credentials, the program does not start, and says what is missing", async () => {
  const args = ["start", "--live", "--data", folder.data, "--config", folder.config(pipelines)];
  const { ended, stderr } = spawnProgram(args.slice(1));
  expect(await ended).toBe(2);
  expect(stderr()).toContain(
    "expected AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION in the environment for the codebuild triggers of p, found no credentials",
  );
});
