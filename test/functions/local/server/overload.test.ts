import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerHub, pushWebhook } from "../../../stand-ins/docker-hub.ts";
import { type Program, webhookSecret } from "../../../stand-ins/program.ts";
import { startWithHub, type WithHub } from "../../../stand-ins/with-hub.ts";

const count = 400;
const copies = 12;
// Five times as many as are accepted, and each sends its next request at once.
const clients = 1_280;

let setup: WithHub<Program>;
let hub: DockerHub;
let program: Program;
const indices = Array.from({ length: count }, (_, index) => index);

beforeAll(async () => {
  const chains = indices.map((index) => [
    `chain-${index}`,
    { image: `acme/chain-${index}`, sequence: ["first", "next"] },
  ]);
  setup = await startWithHub(Object.fromEntries(chains));
  ({ hub, program } = setup);
});
afterAll(() => setup.close());

type Answer = { index: number; status: number; outcome: string; retryAfter: string | undefined; ms: number };

const pushedAt = Math.floor(Date.now() / 1_000);

/** Each client has a connection of its own, so that none waits for another. */
function push(index: number, agent: Agent): Promise<Answer> {
  const startedAt = performance.now();
  const headers = { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${program.origin}/hooks/dockerhub/${webhookSecret}`,
      { method: "POST", headers, agent },
      async (response) => {
        const body = JSON.parse(await text(response));
        const { statusCode: status = 0, headers: received } = response;
        const outcome = String(body.outcome ?? body.title);
        resolve({
          index,
          status,
          outcome,
          retryAfter: received["retry-after"],
          ms: performance.now() - startedAt,
        });
      },
    );
    outgoing.on("error", (error) => {
      // The server may close an idle connection at the moment that it is used again.
      const isIdleClosed = outgoing.reusedSocket && "code" in error && error.code === "ECONNRESET";
      if (isIdleClosed) resolve(push(index, agent));
      else reject(error);
    });
    outgoing.end(pushWebhook(`acme/chain-${index}`, "first", pushedAt));
  });
}

/** On a connection of its own: the server may close an idle one at the moment that it is used again. */
function getHealth(): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${program.origin}/healthz`, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on("error", reject).end();
  });
}

async function sendAll(queue: number[], atOnce: number): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const answers: Answer[] = [];
  const client = async () => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      answers.push(await push(index, agent));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  agent.destroy();
  return answers;
}

const median = (answers: readonly Answer[]) => {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
const indicesOf = (answers: readonly Answer[]) =>
  [...new Set(answers.map(({ index }) => index))].sort((a, b) => a - b);
const triggered = () =>
  hub.triggers.map(({ path }) => Number(/chain-(\d+)/.exec(path)?.[1])).sort((a, b) => a - b);

test("under many times the load that it can handle, the program refuses the rest at once, and handles what it accepts exactly once", async () => {
  let isOver = false;
  const health: number[] = [];
  const probe = async () => {
    for (; !isOver; await sleep(100)) health.push(await getHealth());
  };
  const probing = probe();
  const queue = Array.from({ length: copies }, () => indices).flat();
  const answers = await sendAll(queue, clients).finally(() => {
    isOver = true;
  });
  await probing;

  const accepted = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(answers).toHaveLength(count * copies);
  expect(refused.length).toBeGreaterThan(0);
  expect(accepted.length).toBeGreaterThan(0);
  expect(new Set(refused.map((one) => `${one.status} ${one.outcome} ${one.retryAfter}`))).toEqual(
    new Set(["503 Service Unavailable 1"]),
  );
  expect(median(refused)).toBeLessThan(median(accepted));
  expect(new Set(health)).toEqual(new Set([200]));
  expect(program.stderr()).not.toMatch(/"(?:store\.unavailable|outcome\.lost|request\.failed)"/);

  // Each accepted webhook had its effect once; a refused one had none.
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

  // Sent again when there is room, the refused ones are accepted.
  const rest = indices.filter((index) => !indicesOf(advanced).includes(index));
  const again = await sendAll([...rest, ...indicesOf(advanced)], 8);
  expect(again.filter(({ outcome }) => outcome === "advanced")).toHaveLength(rest.length);
  expect(again.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(count - rest.length);
  expect(triggered()).toEqual(indices);
}, 120_000);
