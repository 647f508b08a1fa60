// What the program's predecessor did, and what it lost.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerHub, pushWebhook, startDockerHub } from "../../stand-ins/docker-hub.ts";
import { type Folder, makeFolder, type Program, startProgram, until } from "../../stand-ins/program.ts";

const repository = "maddouri/void-docker";
const sequence = ["init", "step-1", "step-2", "step-3", "latest"];
const token = "01234567-89ab-cdef-0123-456789abcdef";

let folder: Folder;
let hub: DockerHub;
let program: Program;

const start = (delay: string) =>
  startProgram(
    [
      ...["--data", folder.data, "--hub-url", hub.origin, "--live"],
      ...[
        "--config",
        folder.config({
          "void-docker": {
            image: repository,
            trigger: { dockerhub: { secret: "VOID_DOCKER_TRIGGER" } },
            delay,
            sequence,
          },
        }),
      ],
    ],
    { VOID_DOCKER_TRIGGER: token },
  );

const push = (tag: string) => program.hook(pushWebhook(repository, tag, Math.floor(Date.now() / 1000)));

beforeAll(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
});
afterAll(async () => {
  await program?.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

test("five tags are built in order, each after the push of the one before it", async () => {
  program = await start("0s");
  const { status, body: run } = await program.api("POST", "/pipelines/void-docker/runs");
  expect(status).toBe(201);
  for (const [index, tag] of sequence.entries()) {
    expect(hub.tags()).toEqual(sequence.slice(0, index + 1));
    expect((await push(tag)).body).toMatchObject({ outcome: "advanced" });
  }
  expect(hub.triggers[0]).toMatchObject({
    path: `/u/${repository}/trigger/${token}/`,
    body: { docker_tag: "init" },
  });
  expect((await program.api("GET", `/runs/${run.id}`)).body.status).toBe("succeeded");
});

test("a push of step-2 outside of any run triggers step-3 and on", async () => {
  hub.triggers.length = 0;
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect((await push("step-2")).body).toMatchObject({ outcome: "advanced" });
  expect(hub.tags()).toEqual(["step-3"]);
  await push("step-3");
  expect(hub.tags()).toEqual(["step-3", "latest"]);
  await push("latest");
  const { body } = await program.api("GET", "/pipelines/void-docker");
  expect(body.run).toMatchObject({ cause: "push", status: "succeeded", from: ["step-3"] });
  await program.kill("SIGTERM");
});

test("delay: 100s is waited for before a trigger, across a kill -9 and a new start", async () => {
  hub.triggers.length = 0;
  program = await start("100s");
  await program.api("POST", "/pipelines/void-docker/runs");
  expect(hub.tags()).toEqual(["init"]);
  await push("init");
  const pushedAt = Date.now();
  await program.kill("SIGKILL");

  program = await start("100s");
  // It comes just after the line by which the start is known.
  const goesOn = /^void-docker: run void-docker\.\S+ goes on$/m;
  await until(() => goesOn.test(program.stdout()), "the program tells that the run goes on");
  const { body } = await program.api("GET", "/pipelines/void-docker");
  expect(body.run.steps.map(({ state }: { state: string }) => state)).toEqual([
    "done",
    "due",
    "waiting",
    "waiting",
    "waiting",
  ]);
  await until(() => hub.triggers.length > 1, "step-1 is triggered", 120_000);
  expect(hub.tags()).toEqual(["init", "step-1"]);
  // The push was taken a little before its answer was here.
  expect((hub.triggers[1]?.at ?? 0) - pushedAt).toBeGreaterThan(99_000);
}, 150_000);
