import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerHub, pushWebhook, startDockerHub } from "../../../stand-ins/docker-hub.ts";
import {
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  webhookSecret,
} from "../../../stand-ins/program.ts";

const count = 400;
const copies = 20;
// Five times as many as may be here, each of which asks again at once: many times what can be done.
const clients = 1_280;

let folder: Folder;
let hub: DockerHub;
let program: Program;
const indices = Array.from({ length: count }, (_, index) => index);

beforeAll(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  const chains = indices.map((index) => [
    `chain-${index}`,
    { image: `acme/chain-${index}`, sequence: ["first", "next"] },
  ]);
  const config = folder.config(Object.fromEntries(chains));
  program = await startProgram(["--data", folder.data, "--config", config, "--hub-url", hub.origin]);
});
afterAll(async () => {
  await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

type Told = { index: number; status: number; outcome: string; retryAfter: string | undefined; ms: number };

const pushedAt = Math.floor(Date.now() / 1_000);

/** A connection of its own for each client, so that none waits for another. */
function push(index: number, agent: Agent): Promise<Told> {
  const startedAt = performance.now();
  const headers = { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asked = request(
      `${program.origin}/hooks/dockerhub/${webhookSecret}`,
      { method: "POST", headers, agent },
      async (response) => {
        const body = JSON.parse(await text(response));
        const { statusCode: status = 0, headers: answered } = response;
        const told = { index, status, outcome: String(body.outcome ?? body.title) };
        resolve({ ...told, retryAfter: answered["retry-after"], ms: performance.now() - startedAt });
      },
    );
    asked.on("error", reject);
    asked.end(pushWebhook(`acme/chain-${index}`, "first", pushedAt));
  });
}

async function sendAll(queue: number[], atOnce: number): Promise<Told[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const told: Told[] = [];
  const client = async () => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      told.push(await push(index, agent));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  agent.destroy();
  return told;
}

const median = (told: readonly Told[]) => {
  const sorted = told.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
const indicesOf = (told: readonly Told[]) =>
  [...new Set(told.map(({ index }) => index))].sort((a, b) => a - b);
const triggered = () =>
  hub.triggers.map(({ path }) => Number(/chain-(\d+)/.exec(path)?.[1])).sort((a, b) => a - b);

test("ten times what can be done: the rest is refused at once, and what was accepted is there, once", async () => {
  let isOver = false;
  const health: number[] = [];
  const probe = async () => {
    for (; !isOver; await sleep(100)) health.push((await fetch(`${program.origin}/healthz`)).status);
  };
  const probing = probe();
  const queue = Array.from({ length: copies }, () => indices).flat();
  const told = await sendAll(queue, clients);
  isOver = true;
  await probing;

  const accepted = told.filter(({ status }) => status === 200);
  const refused = told.filter(({ status }) => status !== 200);
  expect(told).toHaveLength(count * copies);
  expect(refused.length).toBeGreaterThan(0);
  expect(accepted.length).toBeGreaterThan(0);
  expect(new Set(refused.map((one) => `${one.status} ${one.outcome} ${one.retryAfter}`))).toEqual(
    new Set(["503 Service Unavailable 1"]),
  );
  expect(median(refused)).toBeLessThan(median(accepted));
  expect(new Set(health)).toEqual(new Set([200]));
  expect(program.stderr()).not.toMatch(/"(?:store\.unavailable|outcome\.lost|request\.failed)"/);

  // What was accepted has been done once; what was refused has not been done at all.
  expect(["advanced", "duplicate"]).toEqual(expect.arrayContaining(accepted.map(({ outcome }) => outcome)));
  const advanced = accepted.filter(({ outcome }) => outcome === "advanced");
  expect(indicesOf(advanced)).toEqual(indicesOf(accepted));
  expect(triggered()).toEqual(advanced.map(({ index }) => index).sort((a, b) => a - b));
  expect(new Set(triggered()).size).toBe(triggered().length);
  const { body } = await program.api("GET", "/pipelines");
  const running = body.pipelines.flatMap(({ name, run }: { name: string; run: unknown }) =>
    run === null ? [] : [Number(name.slice("chain-".length))],
  );
  expect(running.sort((a: number, b: number) => a - b)).toEqual(indicesOf(advanced));

  // Who asks again, as told, is taken when there is room.
  const rest = indices.filter((index) => !indicesOf(advanced).includes(index));
  const again = await sendAll([...rest, ...indicesOf(advanced)], 8);
  expect(again.filter(({ outcome }) => outcome === "advanced")).toHaveLength(rest.length);
  expect(again.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(count - rest.length);
  expect(triggered()).toEqual(indices);
}, 120_000);
