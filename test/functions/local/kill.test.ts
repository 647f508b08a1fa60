import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerHub, pushWebhook, startDockerHub } from "../../stand-ins/docker-hub.ts";
import { type Folder, makeFolder, type Program, startProgram, until } from "../../stand-ins/program.ts";

const repository = "acme/chain";
const sequence = ["a", ["b1", "b2"], "c", "d", "e"];

let folder: Folder;
let hub: DockerHub;
let program: Program;

const start = async () => {
  program = await startProgram([
    ...["--data", folder.data, "--hub-url", hub.origin],
    ...["--config", folder.config({ chain: { image: repository, delay: "1s", sequence } })],
  ]);
};

beforeAll(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  // The Hub pushes a moment after each trigger, and says so again until somebody listens.
  hub.onAccepted = ({ tag }) => {
    const pushedAt = Date.now() + 300;
    const send = async () => {
      hub.pushed.set(`${repository}:${tag}`, new Date(pushedAt).toISOString());
      const answer = await program
        .hook(pushWebhook(repository, tag, Math.floor(pushedAt / 1000)))
        .catch(() => null);
      if (answer?.status !== 200) setTimeout(() => void send(), 200);
    };
    setTimeout(() => void send(), 300);
  };
  await start();
});
afterAll(async () => {
  await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

test("kill -9 again and again, at any moment, and every run goes on to its end, in order", async () => {
  const { body: run } = await program.api("POST", "/pipelines/chain/runs");
  const status = async () => (await program.api("GET", `/runs/${run.id}`)).body.status;
  for (let kills = 0; kills < 8; kills += 1) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 900));
    await program.kill("SIGKILL");
    await start();
  }
  await until(async () => (await status()) === "succeeded", "the run succeeds", 150_000);
  // A trigger whose answer a kill has swallowed is sent again in time, never out of order.
  const firsts = [...new Set(hub.tags())].map((tag) => tag[0]);
  expect(firsts).toEqual(["a", "b", "b", "c", "d", "e"]);
}, 200_000);

test("a stop by signal ends the program in order, and its state is there at the next start", async () => {
  const { body } = await program.api("POST", "/pipelines/chain/runs");
  expect(await program.kill("SIGTERM")).toBe(0);
  await start();
  expect((await program.api("GET", `/runs/${body.id}`)).body.id).toBe(body.id);
});
