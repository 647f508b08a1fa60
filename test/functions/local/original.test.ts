// What the program's predecessor did, and what it lost when it was killed.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pushWebhook } from "../../stand-ins/docker-hub.ts";
import { type Program, until } from "../../stand-ins/program.ts";
import { startWithHub, type WithHub } from "../../stand-ins/with-hub.ts";

const repository = "maddouri/void-docker";
const sequence = ["init", "step-1", "step-2", "step-3", "latest"];
const token = "01234567-89ab-cdef-0123-456789abcdef";

const pipelines = (delay: string) => ({
  "void-docker": {
    image: repository,
    trigger: { dockerhub: { secret: "VOID_DOCKER_TRIGGER" } },
    delay,
    sequence,
  },
});

let setup: WithHub<Program>;
const push = (tag: string) => setup.program.hook(pushWebhook(repository, tag, Math.floor(Date.now() / 1000)));

beforeAll(async () => {
  setup = await startWithHub(pipelines("0s"), { args: ["--live"], env: { VOID_DOCKER_TRIGGER: token } });
});
afterAll(() => setup.close());

test("five tags are built in order, each after the push of the one before it", async () => {
  const { program, hub } = setup;
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

test("a push of step-2 outside of any run triggers step-3 and what follows", async () => {
  const { program, hub } = setup;
  hub.triggers.length = 0;
  // Docker Hub's times are in seconds: an earlier push of the tag was in another one.
  await sleep(1_100);
  expect((await push("step-2")).body).toMatchObject({ outcome: "advanced" });
  expect(hub.tags()).toEqual(["step-3"]);
  await push("step-3");
  expect(hub.tags()).toEqual(["step-3", "latest"]);
  await push("latest");
  const { body } = await program.api("GET", "/pipelines/void-docker");
  expect(body.run).toMatchObject({ cause: "push", status: "succeeded", from: ["step-3"] });
  await program.kill("SIGTERM");
});

// The delays that people configure, such as 100s, are tested with a turned clock: test/shared/run/decide.test.ts.
test("a delay is waited for before a trigger, across a kill -9 and a restart", async () => {
  const delayMs = 2_000;
  const { hub } = setup;
  hub.triggers.length = 0;
  const before = await setup.restart(pipelines("2s"));
  await before.api("POST", "/pipelines/void-docker/runs");
  expect(hub.tags()).toEqual(["init"]);
  const pushSentAt = Date.now();
  await push("init");
  await before.kill("SIGKILL");

  const program = await setup.restart(pipelines("2s"));
  // Printed just after the line that shows the start.
  const continues = /^void-docker: run void-docker\.\S+ continues$/m;
  await until(() => continues.test(program.stdout()), "the program says that the run continues");
  const { body } = await program.api("GET", "/pipelines/void-docker");
  const [first, second, ...others] = body.run.steps.map(({ state }: { state: string }) => state);
  expect([first, ...others]).toEqual(["done", "waiting", "waiting", "waiting"]);
  // On a busy machine, the delay may be over by now.
  if (Date.now() - pushSentAt < delayMs) expect(second).toBe("due");
  await until(() => hub.triggers.length > 1, "step-1 is triggered");
  expect(hub.tags()).toEqual(["init", "step-1"]);
  expect((hub.triggers[1]?.at ?? 0) - pushSentAt).toBeGreaterThanOrEqual(delayMs);
});
