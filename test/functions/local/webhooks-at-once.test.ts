import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DockerHub, pushWebhook, startDockerHub } from "../../stand-ins/docker-hub.ts";
import { type Folder, makeFolder, type Program, startProgram } from "../../stand-ins/program.ts";

const count = 200;
const copies = 6;
const clients = 8;

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
  const wide = Object.fromEntries(
    indices.flatMap((index) => [
      [`first-${index}`, { image: `acme/wide:first-${index}` }],
      [`next-${index}`, { image: `acme/wide:next-${index}`, after: `first-${index}` }],
    ]),
  );
  const config = folder.config({ ...Object.fromEntries(chains), wide: { steps: wide } });
  program = await startProgram(["--data", folder.data, "--config", config, "--hub-url", hub.origin]);
});
afterAll(async () => {
  await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

/** Sends each body several times, in random order, from several clients at once. */
async function sendAll(bodies: readonly string[]) {
  const queue = bodies.flatMap((body) =>
    Array.from({ length: copies }, () => ({ body, order: Math.random() })),
  );
  queue.sort((a, b) => a.order - b.order);
  const outcomes: string[] = [];
  const client = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { status, body } = await program.hook(next.body);
      // Of what is refused on a busy machine nothing was done: it is sent again.
      if (status === 503) queue.push(next);
      else outcomes.push(status === 200 ? body.outcome : String(status));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const byOutcome = [...Map.groupBy(outcomes, (outcome) => outcome)];
  return Object.fromEntries(byOutcome.map(([outcome, all]) => [outcome, all.length]));
}

describe(`${count} webhooks, each sent ${copies} times in random order by ${clients} clients at once,`, () => {
  test("trigger each next step exactly once, outside of any run", async () => {
    const told = await sendAll(indices.map((index) => pushWebhook(`acme/chain-${index}`, "first")));
    const triggered = hub.triggers.map(({ path }) => path.split("/")[3]);
    expect(triggered.length).toBe(count);
    expect(new Set(triggered).size).toBe(count);
    expect(told).toEqual({ advanced: count, duplicate: count * (copies - 1) });
  });

  test("trigger each next step exactly once, within runs", async () => {
    hub.triggers.length = 0;
    for (const index of indices) await program.api("POST", `/pipelines/chain-${index}/runs`);
    // Those of before are active still.
    expect(hub.triggers).toEqual([]);
    const { body } = await program.api("GET", "/pipelines");
    for (const { name, run } of body.pipelines) {
      if (name !== "wide") await program.api("POST", `/runs/${run.id}/cancel`);
    }
    for (const index of indices) await program.api("POST", `/pipelines/chain-${index}/runs`);
    expect(hub.tags().filter((tag) => tag === "first").length).toBe(count);
    const told = await sendAll(indices.map((index) => pushWebhook(`acme/chain-${index}`, "first")));
    expect(hub.tags().filter((tag) => tag === "next").length).toBe(count);
    expect(told).toEqual({ advanced: count, duplicate: count * (copies - 1) });
  });

  test("trigger each next step exactly once where all of them are for one run", async () => {
    hub.triggers.length = 0;
    await program.api("POST", "/pipelines/wide/runs");
    expect(hub.triggers.length).toBe(count);
    const told = await sendAll(indices.map((index) => pushWebhook("acme/wide", `first-${index}`)));
    const next = hub.tags().filter((tag) => tag.startsWith("next-"));
    expect(next.length).toBe(count);
    expect(new Set(next).size).toBe(count);
    expect(told).toEqual({ advanced: count, duplicate: count * (copies - 1) });
  }, 90_000);
});
