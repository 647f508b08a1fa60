import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pushWebhook } from "../../stand-ins/docker-hub.ts";
import { type Program, until } from "../../stand-ins/program.ts";
import { startWithHub, type WithHub } from "../../stand-ins/with-hub.ts";

const repository = "acme/chain";
const sequence = ["a", ["b1", "b2"], "c", "d", "e"];

let setup: WithHub<Program>;

beforeAll(async () => {
  setup = await startWithHub({ chain: { image: repository, delay: "1s", sequence } });
  const { hub } = setup;
  // Docker Hub pushes a moment after each trigger, and repeats the webhook until it is accepted.
  hub.onAccepted = ({ tag }) => {
    const pushedAt = Date.now() + 300;
    const send = async () => {
      hub.pushed.set(`${repository}:${tag}`, new Date(pushedAt).toISOString());
      const answer = await setup.program
        .hook(pushWebhook(repository, tag, Math.floor(pushedAt / 1000)))
        .catch(() => null);
      if (answer?.status !== 200) setTimeout(() => void send(), 200);
    };
    setTimeout(() => void send(), 300);
  };
});
afterAll(() => setup.close());

test("after kill -9 at any moments, every run continues to its end, in order", async () => {
  const { body: run } = await setup.program.api("POST", "/pipelines/chain/runs");
  const status = async () => (await setup.program.api("GET", `/runs/${run.id}`)).body.status;
  for (let kills = 0; kills < 5; kills += 1) {
    await sleep(Math.random() * 900);
    await setup.program.kill("SIGKILL");
    await setup.restart();
  }
  await until(async () => (await status()) === "succeeded", "the run succeeds", 150_000);
  // A trigger whose answer was lost by a kill is sent again in time, never out of order.
  const firsts = [...new Set(setup.hub.tags())].map((tag) => tag[0]);
  expect(firsts).toEqual(["a", "b", "b", "c", "d", "e"]);
}, 200_000);

test("SIGTERM ends the program with exit code 0, and the next start has its state", async () => {
  const { body } = await setup.program.api("POST", "/pipelines/chain/runs");
  expect(await setup.program.kill("SIGTERM")).toBe(0);
  await setup.restart();
  expect((await setup.program.api("GET", `/runs/${body.id}`)).body.id).toBe(body.id);
});
